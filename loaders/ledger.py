"""Who became what: every row read is staged, set aside by a named rule, or rejected with a reason."""

from __future__ import annotations

from loaders.checking import faults
from loaders.declaration import Source
from loaders.workspace import Workspace

_TABLES = (
    "CREATE SCHEMA checked",
    "CREATE SCHEMA clean",
    "CREATE TABLE files(file_no INTEGER, source VARCHAR, name VARCHAR)",
    "CREATE TABLE ragged(source VARCHAR, file_no INTEGER, line BIGINT, reason VARCHAR)",
    """CREATE TABLE exceptions(source VARCHAR, file_no INTEGER, line BIGINT, rejected BOOLEAN, fault_column VARCHAR,
        value VARCHAR, personal BOOLEAN, reason VARCHAR)""",
    "CREATE TABLE asides(source VARCHAR, rule VARCHAR, n BIGINT)",
    "CREATE TABLE notes(source VARCHAR, note VARCHAR, n BIGINT)",
)


def open_ledger(workspace: Workspace) -> None:
    """Create the tables of the ledger.

    `exceptions` holds single rows that leave the flow after the check, `asides` rows that leave it in bulk by a
    rule of the mapping, `notes` what was kept but looked odd.
    """
    for sql in _TABLES:
        workspace.run(sql)


def refresh_clean(workspace: Workspace, source: Source) -> None:
    """Make the view `clean.<table>`: the checked rows that no rule, fault or exception has taken out so far."""
    taken = workspace.one("SELECT count(*) FROM exceptions WHERE source = $source", {"source": source.name})
    but = (
        f"""AND NOT EXISTS (FROM exceptions e WHERE e.source = '{source.name}'
            AND e.file_no = c.file_no AND e.line = c.line)"""
        if taken
        else ""
    )
    workspace.run(
        f"""CREATE OR REPLACE VIEW clean.{source.name} AS
        SELECT * FROM checked.{source.name} c WHERE aside IS NULL AND fault IS NULL {but}"""
    )


def take_duplicates(workspace: Workspace, source: Source) -> None:
    """Set equal rows of one key aside but for the first; reject all rows of a key whose rows differ."""
    if not source.key:
        return
    key = ", ".join(f'"{name}"' for name in source.key)
    same = " AND ".join(f'c."{name}" IS NOT DISTINCT FROM d."{name}"' for name in source.key)
    fields = ", ".join(f'c."{field.name}"' for field in source.fields)
    partition = ", ".join(f'c."{name}"' for name in source.key)
    shown = source.field(source.key[0])
    # First by hash: eight bytes a row are kept instead of every key.
    workspace.run(
        f"""CREATE OR REPLACE TEMP TABLE suspects AS
        SELECT hash({key}) AS found FROM clean.{source.name} GROUP BY found HAVING count(*) > 1"""
    )
    if not workspace.one("SELECT count(*) FROM suspects"):
        return
    workspace.run(
        f"""CREATE OR REPLACE TEMP TABLE repeated AS
        SELECT {key} FROM clean.{source.name} WHERE hash({key}) IN (FROM suspects) GROUP BY ALL HAVING count(*) > 1"""
    )
    workspace.run(
        f"""INSERT INTO exceptions
        SELECT $source, file_no, line, smallest <> largest, $shown, value, $personal,
            CASE WHEN smallest <> largest THEN 'rows with one key but different contents' ELSE 'duplicate row' END
        FROM (SELECT file_no, line, value, place, min(content) OVER w AS smallest, max(content) OVER w AS largest
            FROM (SELECT c.file_no, c.line, c."{shown.name}"::VARCHAR AS value, hash({fields}) AS content,
                    row_number() OVER (PARTITION BY {partition} ORDER BY c.file_no, c.line) AS place,
                    dense_rank() OVER (ORDER BY {partition}) AS member
                FROM clean.{source.name} c JOIN repeated d ON {same})
            WINDOW w AS (PARTITION BY member))
        WHERE smallest <> largest OR place > 1""",
        {"source": source.name, "shown": shown.name, "personal": shown.personal},
    )
    refresh_clean(workspace, source)


def note_doubts(workspace: Workspace, source: Source) -> None:
    """Count the rows that a doubtful rule or an unreadable optional cell concerns."""
    for bit, rule in enumerate(source.doubtful):
        workspace.run(
            f"""INSERT INTO notes SELECT $source, $rule, n FROM (SELECT count(*) AS n FROM clean.{source.name}
            WHERE doubts & {1 << bit} > 0) WHERE n > 0""",
            {"source": source.name, "rule": rule.name},
        )
    workspace.run(
        f"""INSERT INTO notes SELECT $source, 'not understood and left blank: ' || name, count(*)
        FROM (SELECT unnest(string_split(blanked, ',')) AS name FROM clean.{source.name} WHERE blanked IS NOT NULL)
        GROUP BY name""",
        {"source": source.name},
    )


def rejects_query(sources: tuple[Source, ...]) -> str:
    """All rejected rows as (source, file, line, column, value, reason), values masked."""
    parts = [
        """SELECT source, file_no, line, NULL AS fault_column, '***' AS value, reason FROM ragged""",
        """SELECT source, file_no, line, nullif(fault_column, ''), shown(value, personal), reason FROM exceptions
        WHERE rejected""",
    ]
    for source in sources:
        reasons = faults(source)
        if not reasons:
            continue
        columns = "".join(f" WHEN {number} THEN '{fault.column}'" for number, fault in enumerate(reasons))
        personal = ", ".join(str(number) for number, fault in enumerate(reasons) if fault.personal) or "-1"
        texts = "".join(f" WHEN {number} THEN {_text(fault.reason)}" for number, fault in enumerate(reasons))
        parts.append(
            f"""SELECT '{source.name}', file_no, line, nullif(CASE fault{columns} END, ''),
            shown(fault_value, fault IN ({personal})), CASE fault{texts} END
            FROM checked.{source.name} WHERE aside IS NULL AND fault IS NOT NULL"""
        )
    return f"""SELECT r.source AS "table", f.name AS file, r.line, r.fault_column AS "column", r.value, r.reason
        FROM ({" UNION ALL ".join(parts)}) r JOIN files f USING (file_no) ORDER BY file, line, "column", reason"""


def _text(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"

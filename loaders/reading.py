"""The read step: every file of a table becomes one checked scratch file, in the order of its rows."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from graphaudit.errors import SourceError
from graphaudit.progress import Progress
from loaders.checking import statement, variables
from loaders.declaration import Source
from loaders.nhsa.knowledge import Knowledge
from loaders.sources import delimited, parquet_files
from loaders.sources.encoding import to_utf8
from loaders.sources.folder import SourceFile
from loaders.sources.headers import HeaderMatch, match_headers, missing_columns, nearest, shown_header
from loaders.workspace import SCRATCH, Workspace, quoted

logger = logging.getLogger(__name__)

_RAGGED = {
    "MISSING COLUMNS": "fewer cells than the header",
    "TOO MANY COLUMNS": "more cells than the header",
    "UNQUOTED VALUE": "quotes do not match",
    "INVALID ENCODING": "bytes that are no text in the file's encoding",
}


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """One file with what was found out about it: format, encoding, delimiter, header and matched columns."""

    file: SourceFile
    layout: delimited.Delimited | None
    types: tuple[str, ...]
    header: tuple[str, ...]
    match: HeaderMatch

    def as_dict(self) -> dict[str, Any]:
        """For the report."""
        found: dict[str, Any] = {"file": self.file.name, "format": "parquet" if self.layout is None else "csv"}
        if self.layout is not None:
            found |= {"encoding": self.layout.encoding, "delimiter": self.layout.delimiter}
        return found


def open_files(
    workspace: Workspace, source: Source, files: Sequence[SourceFile], knowledge: Knowledge
) -> list[OpenedFile]:
    """Find out format and columns of every file of one table, before anything is read."""
    opened = []
    for file in files:
        if file.is_parquet:
            columns = parquet_files.read_columns(workspace.connection, file.path, file.name)
            layout, types, header = None, columns.types, columns.header
        else:
            layout = delimited.read_layout(file.path, file.name)
            types, header = (), layout.header
        match = match_headers(source, header, knowledge.aliases)
        opened.append(OpenedFile(file, layout, types, header, match))
    return opened


def missing_message(source: Source, opened: Sequence[OpenedFile]) -> tuple[str, str] | None:
    """Detail and hint when a required column is missing from a file, with the columns found and the nearest names."""
    for file in opened:
        missing = missing_columns(source, [file.match])
        if missing:
            close = nearest(missing[0], [name for name in file.header if name in file.match.unknown])
            listed = ", ".join(shown_header(name) for name in file.header[:40])
            listed += " …" if len(file.header) > 40 else ""
            return (
                f"{file.file.name}, line 1: required column {', '.join(missing)} is missing; columns found: {listed}"
                + (f"; nearest: {', '.join(map(shown_header, close))}" if close else ""),
                "rename the column, or add it to aliases.csv in the folder of overrides (docs/loaders.md)",
            )
    return None


def read_table(
    workspace: Workspace,
    source: Source,
    opened: Sequence[OpenedFile],
    knowledge: Knowledge,
    tolerance_fen: int,
    progress: Progress,
) -> None:
    """Check all files of one table into scratch files and make them the view `checked.<table>`.

    A table without files becomes an empty view with the same columns, so that every later statement can name it.
    """
    for name, value in variables(source, knowledge).items():
        keys, codes = list(value), list(value.values())
        workspace.run(f"SET VARIABLE {name} = map($keys::VARCHAR[], $codes::VARCHAR[])", {"keys": keys, "codes": codes})
    paths = []
    for file in opened:
        number = workspace.one("SELECT count(*) FROM files")
        workspace.run(
            "INSERT INTO files VALUES ($number, $source, $name)",
            {"number": number, "source": source.name, "name": file.file.name},
        )
        target = workspace.folder / f"{source.name}-{number}.parquet"
        _check_file(workspace, source, file, number, target, knowledge, tolerance_fen)
        paths.append(target)
        progress.advance(note=file.file.name)
    if paths:
        listed = ", ".join(quoted(path) for path in paths)
        rows = f"SELECT * FROM read_parquet([{listed}], file_row_number = true)"
    else:
        columns = ", ".join(f'NULL::{field.kind.duckdb_type} AS "{field.name}"' for field in source.fields)
        rows = f"""SELECT {columns}, NULL::INTEGER AS file_no, NULL::INTEGER AS first_line, NULL::SMALLINT AS aside,
            NULL::SMALLINT AS fault, NULL::VARCHAR AS fault_value, NULL::INTEGER AS doubts, NULL::VARCHAR AS blanked,
            NULL::BIGINT AS file_row_number WHERE false"""
    workspace.run(f"CREATE VIEW checked.{source.name} AS {_with_lines(workspace, source, rows)}")


def _check_file(
    workspace: Workspace,
    source: Source,
    opened: OpenedFile,
    number: int,
    target: Any,
    knowledge: Knowledge,
    tolerance_fen: int,
) -> None:
    path, name, layout = opened.file.path, opened.file.name, opened.layout
    given: dict[str, Any] = {"file_no": number, "tolerance": tolerance_fen}
    scratch = None
    if layout is None:
        relation = parquet_files.relation(len(opened.header))
        cells = {position: parquet_files.cell(position, kind) for position, kind in enumerate(opened.types)}
        given |= {"path": str(path), "first_line": 1, "words": []}
    else:
        if delimited.needs_transcoding(layout):
            scratch = workspace.folder / f"{source.name}-{number}.utf8"
            _transcode(opened, scratch)
        relation = delimited.relation(len(opened.header))
        cells = {position: f"c{position}" for position in range(len(opened.header))}
        given |= delimited.parameters(scratch or path, layout) | {"first_line": 2}
    sql = statement(source, opened.match, knowledge, relation, cells)
    before = _last_scan(workspace) if layout else -1
    try:
        workspace.run(f"COPY ({sql}) TO {quoted(target)} {SCRATCH}", given)
    except duckdb.Error as error:
        # The engine's message may quote a line of the file: only its kind is passed on.
        logger.debug("reading failed file=%s kind=%s", name, type(error).__name__)
        raise SourceError(
            f"{name}: the file cannot be read to its end ({_first_line(error)})",
            "export or copy the file again; it is truncated, damaged or not delimited text",
        ) from None
    finally:
        if scratch is not None:
            scratch.unlink(missing_ok=True)
    if layout:
        _refuse_open_quote(workspace, name, before)
        _note_ragged(workspace, source, number, before)


def _transcode(opened: OpenedFile, scratch: Any) -> None:
    encoding = opened.layout.encoding if opened.layout else ""
    try:
        to_utf8(opened.file.path, encoding, scratch)
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{opened.file.name}: not {encoding} text to its end", "export the table again as CSV in UTF-8"
        ) from error


def _first_line(error: duckdb.Error) -> str:
    return str(error).splitlines()[0].split(":", 1)[0][:80]


def _last_scan(workspace: Workspace) -> int:
    # The engine creates its tables of rejected lines at the first read that asks for them.
    known = workspace.one("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'reject_scans'")
    return int(workspace.one("SELECT coalesce(max(scan_id), -1) FROM reject_scans")) if known else -1


def _refuse_open_quote(workspace: Workspace, name: str, before: int) -> None:
    """A quotation mark that is never closed swallows the rows after it: they could not even be counted."""
    line = workspace.one(
        """SELECT min(line) FROM reject_errors WHERE scan_id > $before
        AND (error_type = 'UNQUOTED VALUE' AND contains(csv_line, chr(10)) OR error_type = 'LINE SIZE OVER MAXIMUM')""",
        {"before": before},
    )
    if line is not None:
        raise SourceError(
            f"{name}, line {line}: a quotation mark is opened and not closed, so that the rows after it are lost",
            "correct this line (a quotation mark inside a cell is written twice), or export the table again",
        )


def _note_ragged(workspace: Workspace, source: Source, number: int, before: int) -> None:
    reasons = "".join(
        f" WHEN '{kind}' THEN '{reason.replace(chr(39), chr(39) * 2)}'" for kind, reason in _RAGGED.items()
    )
    workspace.run(
        f"""INSERT INTO ragged SELECT $source, $number, line, min(CASE error_type::VARCHAR{reasons}
            ELSE 'the line cannot be split into cells' END) FROM reject_errors WHERE scan_id > $before GROUP BY line""",
        {"source": source.name, "number": number, "before": before},
    )


def _with_lines(workspace: Workspace, source: Source, rows: str) -> str:
    if not workspace.one("SELECT count(*) FROM ragged WHERE source = $source", {"source": source.name}):
        return f"SELECT *, file_row_number + first_line AS line FROM ({rows})"
    # The reader leaves rejected lines out: the k-th good row lies behind all those with line - position <= k.
    return f"""SELECT r.*, r.file_row_number + r.first_line + coalesce(s.shift, 0) AS line FROM ({rows}) r
        ASOF LEFT JOIN (SELECT file_no, line - number AS from_row, max(number) AS shift FROM (
                SELECT file_no, line, row_number() OVER (PARTITION BY file_no ORDER BY line) AS number
                FROM ragged WHERE source = '{source.name}') GROUP BY ALL) s
        ON r.file_no = s.file_no AND r.file_row_number + 1 >= s.from_row"""

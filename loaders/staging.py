"""The load stage: a folder of extracts becomes the canonical tables of one build, read → check → map → stage."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from graphaudit.errors import SchemaError, SourceError
from graphaudit.progress import Progress, SilentProgress
from loaders.accounting import account
from loaders.coverage import find_coverage
from loaders.declaration import Source
from loaders.fingerprint import source_fingerprint
from loaders.ledger import note_doubts, open_ledger, refresh_clean, rejects_query, take_duplicates
from loaders.mapping import STEPS, map_tables
from loaders.nhsa.catalog import SOURCES
from loaders.nhsa.knowledge import Knowledge, read_knowledge
from loaders.options import StageOptions
from loaders.pseudonyms import check_key
from loaders.reading import OpenedFile, missing_message, open_files, read_table
from loaders.report import StageReport, TableReport
from loaders.sources.folder import Folder, read_folder
from loaders.workspace import Workspace, open_workspace, quoted

logger = logging.getLogger(__name__)

_MEANINGS = (
    ("list_type", "drug"), ("med_chrgitm_type", "drug"), ("setl_type", "manual"), ("pay_loc", "manual"),
    ("dscg_way", "dead"), ("surv_stas", "dead"), ("psn_insu_stas", "active"),
)  # fmt: skip


class TooManyRejectedError(SourceError):
    """More rows of a table were rejected than the options allow."""


def stage_source(
    source: Path,
    tables: Path,
    *,
    rejects: Path,
    key: bytes,
    options: StageOptions = StageOptions(),  # noqa: B008 -- frozen
    progress: Progress | None = None,
) -> StageReport:
    """Turn the extracts below `source` into `tables`/<name>.parquet for every canonical table.

    Rejected rows go to `rejects` (Parquet or CSV, by its suffix) with file, line, column, masked value and reason.
    `key` makes the pseudonyms. Tables are sorted by their numbers, which follow the source's ids: the order of rows
    and files of the input does not matter. SourceError when nothing can be built or too much is rejected; `tables` is
    then left as it was, and `rejects` is written only when rejected rows are the reason.
    """
    progress = progress or SilentProgress()
    began = perf_counter()
    check_key(key)
    knowledge = read_knowledge(options.overrides)
    folder = read_folder(source, [declared.name for declared in SOURCES], [s.name for s in SOURCES if s.mandatory])
    fingerprint = source_fingerprint(source)
    with open_workspace(options, tables) as workspace:
        _teach(workspace, knowledge)
        opened, unusable = _open(workspace, folder, knowledge)
        progress.stage("load", sum(len(files) for files in opened.values()) + len(STEPS))
        ready = workspace.folder / "tables"
        ready.mkdir()
        try:
            _read(workspace, opened, knowledge, options, progress)
            rows = map_tables(workspace, ready, key, {"agency_office": options.agency_office}, progress)
            reports = account(workspace, SOURCES, opened, knowledge)
            _refuse(workspace, reports, rows, options)
        except TooManyRejectedError:
            _publish_rejects(workspace, rejects)
            raise
        report = StageReport(
            fingerprint=fingerprint,
            tables=reports,
            missing_tables=tuple(s.name for s in SOURCES if s.name not in folder.files),
            unusable=unusable,
            ignored_files=folder.ignored,
            canonical_rows=rows,
            clock_share=float(workspace.one("SELECT avg(has_clock::INTEGER) FROM canonical.settlements")),
            period=_period(workspace),
            coverage=find_coverage(workspace, ready, _delivered(opened)),
            seconds=perf_counter() - began,
        )
        _publish(workspace, ready, tables, rejects)
    progress.done(
        f"{report.rows_read:,} rows read, {report.rows_rejected:,} rejected, {rows['settlements']:,} settlements"
    )
    logger.info(
        "staged rows=%d rejected=%d settlements=%d seconds=%.2f",
        report.rows_read, report.rows_rejected, rows["settlements"], report.seconds,
    )  # fmt: skip
    return report


def _teach(workspace: Workspace, knowledge: Knowledge) -> None:
    """Give the engine the code tables and lists, as tables and variables."""
    workspace.run("CREATE TABLE meanings(code_table VARCHAR, code VARCHAR, meaning VARCHAR)")
    meanings = [(name, code, meaning) for name, table in sorted(knowledge.codes.items())
                for code, (_, meaning) in table.values.items() if meaning]  # fmt: skip
    workspace.connection.executemany("INSERT INTO meanings VALUES (?, ?, ?)", meanings)
    workspace.run("CREATE TABLE resale_prone(code_prefix VARCHAR, name VARCHAR)")
    if knowledge.resale_prone:
        workspace.connection.executemany("INSERT INTO resale_prone VALUES (?, ?)", list(knowledge.resale_prone))
    lists = {
        "placeholder_phones": list(knowledge.placeholder_phones),
        "unknown_doctors": list(knowledge.unknown_doctors),
    }
    # One list per code table and meaning, such as drug_list_type: statements never name a code that a site may change.
    for table, meaning in _MEANINGS:
        lists[f"{meaning}_{table}"] = [code for name, code, means in meanings if (name, means) == (table, meaning)]
    for name, values in lists.items():
        workspace.run(f"SET VARIABLE {name} = $values::VARCHAR[]", {"values": values})
    open_ledger(workspace)


def _open(
    workspace: Workspace, folder: Folder, knowledge: Knowledge
) -> tuple[dict[str, list[OpenedFile]], dict[str, str]]:
    """Open all files before reading any, so that a missing column is told within a second."""
    opened: dict[str, list[OpenedFile]] = {}
    unusable: dict[str, str] = {}
    for source in SOURCES:
        files = open_files(workspace, source, folder.files.get(source.name, ()), knowledge)
        problem = missing_message(source, files)
        if problem and source.mandatory:
            raise SourceError(*problem)
        if problem:
            unusable[source.name] = problem[0]
        opened[source.name] = [] if problem else files
    return opened, unusable


def _read(
    workspace: Workspace,
    opened: dict[str, list[OpenedFile]],
    knowledge: Knowledge,
    options: StageOptions,
    progress: Progress,
) -> None:
    for source in SOURCES:
        read_table(workspace, source, opened[source.name], knowledge, options.tolerance_fen, progress)
        refresh_clean(workspace, source)
        if not opened[source.name]:
            continue
        take_duplicates(workspace, source)
        note_doubts(workspace, source)
        if source.mandatory:
            _demand_rows(workspace, source, opened[source.name], options)


def _demand_rows(workspace: Workspace, source: Source, files: Sequence[OpenedFile], options: StageOptions) -> None:
    names = ", ".join(file.file.name for file in files[:5])
    read = workspace.one(f"SELECT count(*) FROM checked.{source.name}")
    ragged = workspace.one("SELECT count(*) FROM ragged WHERE source = $source", {"source": source.name})
    if not read and not ragged:
        raise SourceError(
            f"{names}, line 1: a header without rows", f"export {source.name} again; it holds no settlement"
        )
    rejected = ragged + workspace.one(
        f"""SELECT (SELECT count(*) FROM checked.{source.name} WHERE aside IS NULL AND fault IS NOT NULL)
        + (SELECT count(*) FROM exceptions WHERE source = '{source.name}' AND rejected)"""
    )
    if rejected > options.max_rejected_share * (read + ragged):
        raise _too_many(workspace, source.name, rejected, read + ragged, options)
    if not workspace.one(f"SELECT count(*) FROM clean.{source.name}"):
        raise SourceError(
            f"{names}: no settlement is left of {read} rows after the rules (invalid flag, duplicates)",
            "check vali_flag and the period of the extract",
        )


def _refuse(workspace: Workspace, reports: Sequence[TableReport], rows: dict[str, int], options: StageOptions) -> None:
    for report in reports:
        if not report.balanced:
            raise SchemaError(f"{report.name}: {report.read} rows read, but not every one is accounted for once")
        rejected = sum(report.rejected.values())
        few = 1 if report.name == SOURCES[0].name else options.few_rejects
        if rejected >= few and rejected > options.max_rejected_share * report.read:
            raise _too_many(workspace, report.name, rejected, report.read, options)
    if not rows["settlements"]:
        raise SourceError(
            "no settlement is left after the rules (invalid flag, refunds, duplicates)",
            "check vali_flag, refd_setl_flag and the period of the extract",
        )


def _too_many(
    workspace: Workspace, table: str, rejected: int, read: int, options: StageOptions
) -> TooManyRejectedError:
    sql = rejects_query(_checked(workspace))
    reasons = workspace.run(
        f"""SELECT reason, "column", count(*) AS n, min_by(file || ', line ' || line, (file, line)),
            min_by(coalesce(value, 'no value'), (file, line))
        FROM ({sql}) WHERE "table" = $table GROUP BY ALL ORDER BY n DESC, reason LIMIT 3""",
        {"table": table},
    )
    told = "; ".join(
        f"{reason}{f' in column {column}' if column else ''}: {n} (for example {where}: {value})"
        for reason, column, n, where, value in reasons
    )
    return TooManyRejectedError(
        f"{table}: {rejected} of {read} rows rejected, more than the allowed share of {options.max_rejected_share:g}; "
        f"{told}",
        "look at the file of rejected rows and correct the export, or raise max_rejected_share when they can be spared",
    )


def _checked(workspace: Workspace) -> tuple[Source, ...]:
    """Tables that the check step has reached: a load may stop before the last."""
    names = {name for (name,) in workspace.run("SELECT view_name FROM duckdb_views() WHERE schema_name = 'checked'")}
    return tuple(source for source in SOURCES if source.name in names)


def _period(workspace: Workspace) -> tuple[str, str]:
    first, last = workspace.run("SELECT min(settled_at)::DATE, max(settled_at)::DATE FROM canonical.settlements")[0]
    return str(first), str(last)


def _delivered(opened: dict[str, list[OpenedFile]]) -> frozenset[str]:
    return frozenset(
        f"{table}.{column}" for table, files in opened.items() for file in files
        for column in (*file.match.columns, *file.match.twins)
    )  # fmt: skip


def _publish(workspace: Workspace, ready: Path, tables: Path, rejects: Path) -> None:
    """Put the finished tables and rejects in their places; before this, nothing is seen outside the scratch folder."""
    (ready / "identities.parquet").chmod(0o600)
    _publish_rejects(workspace, rejects)
    tables.parent.mkdir(parents=True, exist_ok=True)
    if tables.exists():
        shutil.rmtree(tables)
    shutil.move(ready, tables)


def _publish_rejects(workspace: Workspace, rejects: Path) -> None:
    scratch = workspace.folder / f"rejects{rejects.suffix}"
    kind = "(FORMAT parquet)" if rejects.suffix.lower() == ".parquet" else "(FORMAT csv, HEADER)"
    workspace.run(f"COPY ({rejects_query(_checked(workspace))}) TO {quoted(scratch)} {kind}")
    rejects.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(scratch, rejects)

"""Add up the ledger: per source table, rows in = staged + set aside + rejected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from loaders.checking import faults
from loaders.declaration import Kind, Source
from loaders.nhsa.knowledge import Knowledge
from loaders.reading import OpenedFile
from loaders.report import TableReport
from loaders.sources.headers import shown_header
from loaders.workspace import Workspace

# Tables whose every staged row is one canonical row: counted there, so that the sum is a real check.
_STAGED_IN: Mapping[str, str] = {
    "setl_d": "SELECT count(*) FROM canonical.settlements",
    "fee_list_d": "SELECT count(*) FROM canonical.lines",
    "cent_manl_reim_reg_d": "SELECT count(*) FROM canonical.manual_cases",
    "biz_gen_chk_d": "SELECT count(*) FROM canonical.reviews",
    "med_dfr_d": "SELECT count(*) FROM canonical.payouts",
    "fixmedins_sign_b": "SELECT count(*) FROM canonical.sign_ins",
    "fixmedins_paus_d": "SELECT count(*) FROM canonical.site_pauses",
    "opsp_reg_d": "SELECT count(*) FROM canonical.registrations WHERE kind = 'chronic_disease'",
    "psn_fix_reg_d": "SELECT count(*) FROM canonical.registrations WHERE kind = 'designated_site'",
    "benign_register": "SELECT count(*) FROM canonical.benign_register",
}
_LISTED_CODES = 50


def account(
    workspace: Workspace,
    sources: Sequence[Source],
    opened: Mapping[str, Sequence[OpenedFile]],
    knowledge: Knowledge,
) -> tuple[TableReport, ...]:
    """One report per table that was read."""
    return tuple(
        _report(workspace, source, opened[source.name], knowledge) for source in sources if opened[source.name]
    )


def _report(workspace: Workspace, source: Source, files: Sequence[OpenedFile], knowledge: Knowledge) -> TableReport:
    given = {"source": source.name}
    reasons = faults(source)
    aside: dict[str, int] = {}
    rejected: dict[str, int] = {}
    read = 0
    for rule, fault, n in workspace.run(f"SELECT aside, fault, count(*) FROM checked.{source.name} GROUP BY ALL"):
        read += n
        if rule is not None:
            _add(aside, source.aside[rule].name, n)
        elif fault is not None:
            found = reasons[fault]
            _add(rejected, f"{found.column}: {found.reason}" if found.column else found.reason, n)
    for is_rejected, column, reason, n in workspace.run(
        "SELECT rejected, fault_column, reason, count(*) FROM exceptions WHERE source = $source GROUP BY ALL", given
    ):
        _add(rejected if is_rejected else aside, f"{column}: {reason}" if is_rejected and column else reason, n)
    for rule, n in workspace.run("SELECT rule, sum(n)::BIGINT FROM asides WHERE source = $source GROUP BY rule", given):
        if n:
            _add(aside, rule, n)
    for reason, n in workspace.run("SELECT reason, count(*) FROM ragged WHERE source = $source GROUP BY reason", given):
        read += n
        _add(rejected, reason, n)
    staged = workspace.one(_STAGED_IN.get(source.name, f"SELECT count(*) FROM clean.{source.name}"))
    matched = [set(file.match.columns) | set(file.match.twins) for file in files]
    return TableReport(
        name=source.name,
        zh=source.zh,
        read=read,
        staged=int(staged),
        aside=_sorted(aside),
        rejected=_sorted(rejected),
        notes=_sorted(dict(workspace.run("SELECT note, n FROM notes WHERE source = $source", given))),
        files=tuple(file.as_dict() for file in files),
        absent_columns=tuple(
            field.name for field in source.fields if not any(field.name in found for found in matched)
        ),
        ignored_columns=tuple(dict.fromkeys(shown_header(name) for file in files for name in file.match.unknown)),
        unknown_codes=_unknown_codes(workspace, source, files, knowledge),
    )


def _unknown_codes(
    workspace: Workspace, source: Source, files: Sequence[OpenedFile], knowledge: Knowledge
) -> dict[str, dict[str, int]]:
    """Values of coded columns that the code tables do not hold, most frequent first; they stay as they are."""
    unknown: dict[str, dict[str, int]] = {}
    for field in source.fields:
        if field.kind is not Kind.CODE or not any(field.name in {*f.match.columns, *f.match.twins} for f in files):
            continue
        known = list(knowledge.code_table(field.code).values)
        # A longer local value extends a national one: 140101 is a kind of 14.
        rows = workspace.run(
            f"""SELECT "{field.name}", count(*) AS n FROM clean.{source.name} WHERE "{field.name}" IS NOT NULL
            AND NOT list_contains($known::VARCHAR[], "{field.name}")
            AND NOT ('{field.code}' = 'med_type' AND length("{field.name}") IN (4, 6)
                AND list_contains($known::VARCHAR[], "{field.name}"[:2]))
            GROUP BY 1 ORDER BY n DESC, 1 LIMIT {_LISTED_CODES}""",
            {"known": known},
        )
        if rows:
            unknown[field.name] = {str(value)[:20]: n for value, n in rows}
    return unknown


def _add(counts: dict[str, int], name: str, n: int) -> None:
    counts[name] = counts.get(name, 0) + int(n)


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

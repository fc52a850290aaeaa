"""The map and stage steps: named statements, run in order, lead from the checked rows to the canonical tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graphaudit.errors import SchemaError
from graphaudit.progress import Progress
from graphaudit.records import TABLES, table
from loaders.ledger import refresh_clean
from loaders.nhsa.catalog import source
from loaders.pseudonyms import number_values
from loaders.workspace import Workspace, quoted, sql_text

# A statement may use what stands before it. Each file says in its first line what its rows become.
STEPS = (
    "refund_rows", "refund_exceptions", "refunds", "settled", "key_settlement", "settlement_fates",
    "line_returns", "line_return_exceptions", "line_asides",
    "case_matters", "key_case", "case_settlements", "paid_out", "payout_asides", "review_asides", "case_accounts",
    "registration_exceptions", "seen_persons", "seen_sites", "seen_employers",
    "key_person", "key_card", "key_site", "key_owner", "key_doctor", "key_employer", "key_household", "key_handler",
    "raw_phones", "key_phone", "phones", "raw_addresses", "key_address", "addresses", "key_locality",
    "key_bank_account", "key_agent", "key_terminal",
    "lines", "line_doctors", "items", "sites", "settlements", "site_pauses", "employers", "person_facts", "persons",
    "person_notes", "cards", "doctors", "practices", "handlers", "sign_ins", "manual_cases", "reviews", "payouts",
    "registrations",
    "told_sales", "sale_exceptions", "sales", "returns", "returned_sales", "return_exceptions", "pack_sales",
    "identifiers", "benign_facts", "benign_exceptions", "benign_register", "identities",
)  # fmt: skip
_JOINS_AS_WRITTEN = "-- joins: as written\n"


def map_tables(
    workspace: Workspace, target: Path, key: bytes, parameters: Mapping[str, Any], progress: Progress
) -> dict[str, int]:
    """Run all steps; write the canonical tables to the folder `target` and return their numbers of rows."""
    workspace.run("CREATE SCHEMA canonical")
    # From here on only an ORDER BY decides the order of rows; to keep that of scratch files would cost memory.
    workspace.run("SET preserve_insertion_order = false")
    rows: dict[str, int] = {}
    for name in STEPS:
        sql = sql_text(name)
        makes, _, what = _heading(name, sql).partition(" ")
        # Where a statement says so, the right side of each join is held in memory; the planner would take the wide one.
        order = "build_side_probe_side" if _JOINS_AS_WRITTEN in sql else ""
        workspace.run("SET disabled_optimizers = $order", {"order": order})
        if makes == "view":
            workspace.materialise(what, sql, parameters)
        elif makes == "numbers":
            view, _, prefix = what.partition(" ")
            number_values(workspace, view, sql, prefix, key)
        elif makes == "exceptions":
            workspace.run(f"INSERT INTO exceptions {sql}")
            refresh_clean(workspace, source(what))
        elif makes in ("asides", "notes"):
            workspace.run(f"INSERT INTO {makes} {sql}")
        elif makes == "canonical":
            rows[what] = _stage(workspace, what, sql, target, parameters)
        else:
            raise SchemaError(f"statement {name}: unknown heading {makes}")
        progress.advance(note=name)
    missing = [declared.name for declared in TABLES if declared.name not in rows]
    if missing:
        raise SchemaError(f"no statement makes the canonical table {missing[0]}")
    return rows


def _heading(name: str, sql: str) -> str:
    first = sql.split("\n", 1)[0]
    if not first.startswith("-- makes: "):
        raise SchemaError(f"statement {name}: the first line must say what it makes")
    return first.removeprefix("-- makes: ").strip()


def _stage(workspace: Workspace, name: str, sql: str, target: Path, parameters: Mapping[str, Any]) -> int:
    """Write one canonical table with its declared columns and types, in the order of the statement."""
    declared = table(name)
    columns = ", ".join(f'"{column.name}"::{column.kind} AS "{column.name}"' for column in declared.columns)
    path = target / f"{name}.parquet"
    given = {key: value for key, value in parameters.items() if f"${key}" in sql}
    rows = workspace.run(f"COPY (SELECT {columns} FROM ({sql})) TO {quoted(path)} (FORMAT parquet)", given)[0][0]
    workspace.view(f"canonical.{name}", path)
    nulls = [column.name for column in declared.columns if column.required]
    if nulls:
        counts = ", ".join(f'count(*) - count("{column}")' for column in nulls)
        empty = [
            column
            for column, n in zip(nulls, workspace.run(f"SELECT {counts} FROM canonical.{name}")[0], strict=True)
            if n
        ]
        if empty:
            raise SchemaError(f"canonical table {name}: {empty[0]} is empty in some rows")
    return int(rows)

"""A whole build into a managed Neo4j: checked, served at the fixed address, and without anybody's name in it."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import neo4j
import pytest
from pydantic import SecretStr

from api import pipeline
from graphaudit.neo4j_local import USER, Runtime, free_ports
from graphaudit.records import TABLES
from graphaudit.selfcheck import run_checks
from graphaudit.settings import Settings
from graphaudit.stores import store_of
from graphaudit.stores.neo4j_store.managed import ManagedHome

pytestmark = [pytest.mark.neo4j, pytest.mark.slow]

#: Columns of the source that say who somebody is, or how to reach him; the first ones must be well filled.
WELL_FILLED = {"psn_no", "psn_name", "certno", "mdtrt_cert_no", "tel", "mob", "live_addr", "resdbook_no", "bankacct"}
PERSONAL_COLUMNS = WELL_FILLED | {
    "dr_name",
    "chfpdr_name",
    "bilg_dr_name",
    "acctname",
    "sel_retn_opter_name",
    "agnter_name",
    "agnter_certno",
    "agnter_tel",
    "hsreg_addr",
    "address",
    "addr",
}
#: Registers of places, whose addresses are no secret.
PLACES = {"medins_info_b", "rtal_phac_b", "fixmedins_b", "insu_emp_info_b"}
#: A name has two characters, a number that leads to somebody at least so many.
SHORTEST, TELLING = 2, 6


@pytest.fixture(scope="module")
def settings(neo4j_runtime: Runtime, city: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of a site whose one build went into a managed Neo4j, which serves now."""
    data = tmp_path_factory.mktemp("data") / "home"
    settings = Settings(
        data=data,
        store=f"neo4j-home:{data / 'neo4j'}",
        neo4j_password=SecretStr(secrets.token_urlsafe(16)),
        neo4j_heap_mb=384,
        neo4j_page_cache_mb=64,
        threads=1,
    )
    pipeline.build(city, settings)
    home = home_of(settings)
    ports = free_ports()
    try:
        home.start(bolt_port=ports.bolt, http_port=ports.http)
        yield settings
    finally:
        home.stop()


def home_of(settings: Settings) -> ManagedHome:
    return ManagedHome(
        settings.data / "neo4j", password=settings.neo4j_secret(), heap_mb=384, page_cache_mb=64, short_lived=True
    )


def client(settings: Settings) -> neo4j.Driver:
    return neo4j.GraphDatabase.driver(
        f"bolt://{home_of(settings).status().bolt}", auth=(USER, settings.neo4j_secret() or "")
    )


def test_the_published_leads_are_in_the_served_graph_and_every_check_is_content(settings: Settings) -> None:
    status = home_of(settings).status()
    (folder,) = [path for path in settings.builds_folder.iterdir() if path.is_dir()]
    assert (status.running, status.build_id) == (True, folder.name)
    leads = json.loads((folder / "leads.json").read_text(encoding="utf-8"))
    with client(settings) as driver:
        rows = driver.execute_query("MATCH (l:Lead) RETURN l.lead_id AS id, l.rank AS rank ORDER BY rank").records
        implicated = driver.execute_query("MATCH (:Lead)-[i:IMPLICATES]->() RETURN count(i) AS n").records[0]["n"]
    assert [(row["id"], row["rank"]) for row in rows] == [(lead["id"], lead["rank"]) for lead in leads]
    assert bool(implicated) == bool(leads)
    wrong = [check for check in run_checks(settings) if not check.ok]
    assert wrong == []
    (shown,) = [check.detail for check in run_checks(settings) if check.name == "graph store"]
    assert shown.startswith("Neo4j 5.")
    assert "served at bolt://" in shown


def test_no_name_no_number_and_no_phone_of_the_source_is_in_the_database(settings: Settings, city: Path) -> None:
    personal = personal_values(city)
    assert {column for column, values in personal.items() if len(values) > 20} >= WELL_FILLED
    everyone = set().union(*personal.values())
    stored: set[str] = set()
    with client(settings) as driver:
        for text in (
            "MATCH (x) UNWIND keys(x) AS k WITH x[k] AS v WHERE v IS :: STRING RETURN DISTINCT v",
            "MATCH ()-[x]->() UNWIND keys(x) AS k WITH x[k] AS v WHERE v IS :: STRING RETURN DISTINCT v",
        ):
            stored |= {row["v"] for row in driver.execute_query(text).records}
    assert len(stored) > 500
    assert not stored & everyone
    # nor as a word of a longer text; two or three digits alone tell nobody
    parts = {part for text in stored for part in re.findall(r"\w+", text)}
    assert not parts & {value for value in everyone if len(value) >= TELLING or not value.isascii()}


def test_nothing_of_the_rows_stays_beside_the_database(settings: Settings) -> None:
    left = [path for path in (settings.data / "neo4j").rglob("*") if path.suffix in {".csv", ".parquet"}]
    assert left == []


def test_the_store_opened_from_the_settings_reads_what_is_served(settings: Settings) -> None:
    store = store_of(settings)
    build_id = home_of(settings).status().build_id
    assert build_id is not None
    reader = store.open(build_id)
    assert reader.counts()["Settlement"] > 1000
    reader.close()
    store.close()
    assert home_of(settings).status().running, "closing a store leaves a server that clients see"


def personal_values(city: Path) -> dict[str, set[str]]:
    """Values of the columns that identify a person, by column, from every table of the source."""
    found: dict[str, set[str]] = {}
    with duckdb.connect() as connection:
        for path in sorted(path for path in city.glob("*.csv") if path.stem not in PLACES):
            source = f"read_csv('{path}', all_varchar = true)"
            columns = [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]
            for column in columns:
                if column in PERSONAL_COLUMNS:
                    rows: list[Any] = connection.execute(f'SELECT DISTINCT "{column}" FROM {source}').fetchall()
                    values = {str(value).strip() for (value,) in rows if value and len(str(value).strip()) >= SHORTEST}
                    found.setdefault(column, set()).update(values)
    return found


def test_the_scan_would_notice_the_table_that_leads_back_to_source_ids(settings: Settings, city: Path) -> None:
    (folder,) = [path for path in settings.builds_folder.iterdir() if path.is_dir()]
    restricted = [table.name for table in TABLES if table.restricted]
    everyone = set().union(*personal_values(city).values())
    with duckdb.connect() as connection:
        held = {
            str(value)
            for name in restricted
            for row in connection.execute(f"SELECT * FROM '{folder / 'tables' / name}.parquet'").fetchall()
            for value in row
        }
    assert held & everyone

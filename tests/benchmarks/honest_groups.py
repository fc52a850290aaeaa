"""Write graphaudit/leads/honest_groups.json: the evidence of leads on cities without rings, for q-values to be held to.

`python -m tests.benchmarks.honest_groups` simulates the tuning cities (seeds 0 to 9) without rings, lists their leads,
and keeps the residual evidence of each by its pattern. Run it again whenever detectors or ranking change; the report of
detection then says on fresh cities whether the q-values are honest.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from graphaudit.builds.hashes import code_version
from graphaudit.leads import honest
from graphaudit.leads.score import BELOW_TESTED
from tests.benchmarks.measured_cities import Bench, Variant
from tests.benchmarks.sampling import REPOSITORY
from tests.benchmarks.source_tables import source_tables

KEPT = Path(honest.__file__).with_name("honest_groups.json")
#: The camouflage decides how faulty the feeds are, rings being absent.
CITY = Variant("no rings", 1, rings=False)
TUNING = range(10)
WORKERS = 2


def residual(lead: dict[str, Any]) -> float:
    """Σ value × weight of an exported lead's contributions, whatever its place in the list shows of it."""
    told = [row for row in lead["contributions"] if row["signal"] != BELOW_TESTED]
    return round(float(sum(row["value"] * row["weight"] for row in told)), 2)


def held(leads_of: list[list[dict[str, Any]]], persons: int) -> dict[str, Any]:
    """What the file holds, of the leads of each city and the number of persons of all."""
    residuals: dict[str, list[float]] = defaultdict(list)
    for leads in leads_of:
        for lead in leads:
            residuals[lead["pattern"]].append(residual(lead))
    return {
        "persons": persons,
        "residuals": {name: sorted(values, reverse=True) for name, values in sorted(residuals.items())},
    }


def main() -> None:
    """Simulate, list, and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(TUNING))
    bench = Bench("small", REPOSITORY / ".bench" / "leads" / code_version())
    with ThreadPoolExecutor(WORKERS) as workers:
        cities = list(workers.map(lambda seed: CITY.city(bench.size, seed), parser.parse_args().seeds))
        leads = list(workers.map(bench.leads, cities))
    persons = 0
    for city in cities:
        with source_tables(city.folder) as tables:
            row = tables.execute("SELECT count(*) FROM psn_info_b").fetchone()
            persons += row[0] if row else 0
    KEPT.write_text(json.dumps(held(leads, persons), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

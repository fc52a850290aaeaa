"""Build one city and export its leads with source ids: the child that `bench_detection` starts.

With a truth, the list is also ranked again without each channel of evidence, while the build is there.
"""

from __future__ import annotations

import sys
from pathlib import Path

from api.cli import main as graphaudit
from api.opened import opened_view
from api.pipeline import build
from graphaudit.builds.findings_file import read_findings
from graphaudit.progress import SilentProgress
from graphaudit.settings import Settings
from graphaudit.stores import store_of
from tests.benchmarks.ablations import write_ablations
from tests.benchmarks.sampling import emit


def main(source: str, data: str, output: str, truth: str = "", ablations: str = "") -> int:
    """Leads of the tables in `source` into `output`; all state goes to `data`. With both names, ablations too."""
    settings = Settings(data=Path(data))
    built = build(Path(source), settings)
    emit("result", leads=built.leads)
    if truth and ablations:
        findings = read_findings(built.folder / "findings.json")
        store = store_of(settings)
        try:
            spill = built.folder / "spill"
            with opened_view(built.folder, settings, store, spill, SilentProgress(), seed=settings.seed) as view:
                write_ablations(findings, view, Path(truth), Path(ablations))
        finally:
            store.close()
    return graphaudit(["leads", "export", "--data", data, "--format", "json", "--output", output])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

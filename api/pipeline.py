"""Compose one build: the only place that knows loaders, detectors, stores and the registry at once."""

from __future__ import annotations

import json
import logging
from collections import Counter
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import duckdb

from api.opened import opened_tables, opened_view
from detectors.catalog import DetectorCost, run_all
from graphaudit.builds.confirmed import Cases
from graphaudit.builds.durable import write_text
from graphaudit.builds.feed_faults import read_feed_faults
from graphaudit.builds.findings_file import read_findings, write_findings
from graphaudit.builds.hashes import code_version, digest, output_hashes
from graphaudit.builds.lock import build_lock
from graphaudit.builds.manifest import Manifest, new_build_id, now
from graphaudit.builds.prune import prune, unfinished
from graphaudit.builds.report import build_report, crowded_windows, write_report
from graphaudit.builds.resources import require_disk_space
from graphaudit.builds.stages import Counts, Stage, clear_leftovers, run_stages
from graphaudit.builds.view import BuildView
from graphaudit.derive import derive
from graphaudit.errors import BuildError, GraphauditError, NotFoundError, SourceError, StoreError
from graphaudit.leads import rank_findings
from graphaudit.progress import Progress, SilentProgress
from graphaudit.registry import BuildRecord, Registry
from graphaudit.settings import Settings, mask_url
from graphaudit.site_key import key_fingerprint, site_key
from graphaudit.stores import store_of
from graphaudit.stores.base import GraphStore
from loaders import StageOptions, source_fingerprint, stage_source

logger = logging.getLogger(__name__)

#: States in the registry of a build that readers have seen.
PUBLISHED = ("published", "superseded")


@dataclass(frozen=True, slots=True)
class BuildResult:
    """A published build: where it is, how many leads it has, which stages ran in this process, its report."""

    build_id: str
    folder: Path
    leads: int
    ran: tuple[str, ...]
    report: dict[str, Any] = field(repr=False)


def build(source: Path, settings: Settings, *, resume: bool = False, progress: Progress | None = None) -> BuildResult:
    """Build from the tables in folder `source` and publish.

    With `resume`, the newest unfinished build goes on when source, code and parameters are the same; else a new one
    begins. Until the last step readers see the previous build. SourceError before anything is written when there is
    no source; BuildError, naming the stage, afterwards.
    """
    if not source.is_dir():
        raise SourceError(f"there is no folder {source}", "give the folder that holds setl_d.csv or setl_d.parquet")
    builds = settings.builds_folder
    if not settings.data.exists():
        # records of patients live here: for the owner alone, unless a site decides otherwise
        settings.data.mkdir(parents=True, mode=0o700)
    with build_lock(settings.data, builds):
        fingerprint = source_fingerprint(source)
        key = site_key(settings, create=True)
        store, registry = store_of(settings), Registry.open(settings.registry_url)
        try:
            manifest = _begin(source, fingerprint, settings, key, resume=resume)
            run = _Run(source, settings, key, store, registry, manifest)
            run.tidy(active=_active(registry), keep_unfinished=manifest.build_id)
            require_disk_space(builds, source)
            return run.through(progress or SilentProgress())
        finally:
            store.close()
            registry.close()


def rollback(build_id: str, settings: Settings) -> None:
    """Make the published build `build_id` the one that is served. NotFoundError when it is no longer kept.

    Where the store has given its graph up for a later one, it is loaded again from the build's own tables.
    """
    with build_lock(settings.data, settings.builds_folder):
        folder = settings.builds_folder / build_id
        Manifest.read(folder)
        store, registry = store_of(settings), Registry.open(settings.registry_url)
        try:
            states = {record.id: record.state for record in registry.builds()}
            if states.get(build_id) in PUBLISHED:
                _require_graph(build_id, folder, store, settings)
            registry.activate(build_id)
            store.activate(build_id)
        finally:
            store.close()
            registry.close()


def _require_graph(build_id: str, folder: Path, store: GraphStore, settings: Settings) -> None:
    try:
        store.open(build_id).close()
        return
    except NotFoundError:
        logger.info("loading the graph again build=%s", build_id)
    leads = json.loads((folder / "leads.json").read_text(encoding="utf-8"))
    with (
        TemporaryDirectory(dir=folder, prefix=".spill-") as spill,
        opened_tables(folder, settings, Path(spill)) as tables,
    ):
        store.write(build_id, tables, SilentProgress())
    store.write_leads(build_id, leads)


def _begin(source: Path, fingerprint: str, settings: Settings, key: bytes, *, resume: bool) -> Manifest:
    parameters = {
        "seed": settings.seed,
        "graph_settlements": settings.graph_settlements,
        "max_rejected_share": settings.max_rejected_share,
        "detectors": settings.detectors,
        "least_score": settings.least_score,
        "quotas": settings.quotas,
        "lists": _lists_digest(settings.lists),
        "site_key": key_fingerprint(key),
        "store": mask_url(settings.store_url),
    }
    code = code_version()
    builds = settings.builds_folder
    if resume:
        found = unfinished(builds, source_fingerprint=fingerprint, code_version=code, parameters=parameters)
        if found:
            logger.info("resuming build=%s", found.build_id)
            return found
    manifest = Manifest(
        build_id=new_build_id(builds),
        created=now(),
        source=str(source),
        source_fingerprint=fingerprint,
        code_version=code,
        parameters=parameters,
    )
    folder = builds / manifest.build_id
    folder.mkdir(parents=True)
    manifest.write(folder)
    return manifest


def _lists_digest(folder: Path | None) -> str:
    if folder is None:
        return ""
    if not folder.is_dir():
        raise SourceError(f"there is no folder {folder}", "correct the setting lists")
    return digest(output_hashes(folder, (".",)))


def _active(registry: Registry) -> str | None:
    active = registry.active_build()
    return active.id if active else None


@dataclass(slots=True)
class _Run:
    source: Path
    settings: Settings
    key: bytes
    store: GraphStore
    registry: Registry
    manifest: Manifest

    @property
    def folder(self) -> Path:
        return self.settings.builds_folder / self.manifest.build_id

    def through(self, progress: Progress) -> BuildResult:
        """Run what is left to run, write the report, drop what is no longer kept."""
        manifest = self.manifest
        try:
            if self._is_published():
                # killed between the flip and the note of it: everything is done but the graph's own flip and the note
                self.store.activate(manifest.build_id)
                manifest.stage("publish").state, ran = "done", []
                clear_leftovers(self.folder)
            else:
                ran = run_stages(self.folder, manifest, self.stages(), progress)
            manifest.state, manifest.finished = "published", now()
            manifest.write(self.folder)
        except BuildError as error:
            if not self._is_published():
                self.registry.record_failure(self._record(), error.detail)
            raise
        finally:
            report = self._report()
        self.tidy(active=manifest.build_id)
        leads = manifest.stage("rank").counts.get("leads", 0)
        return BuildResult(manifest.build_id, self.folder, leads, tuple(ran), report)

    def tidy(self, *, active: str | None, keep_unfinished: str | None = None) -> None:
        """Drop what is no longer kept: folder, graph and rows in the registry."""
        settings = self.settings
        gone = prune(
            settings.builds_folder,
            self.store,
            active=active,
            keep=settings.keep_builds,
            keep_unfinished=keep_unfinished,
        )
        for build_id in {record.id for record in self.registry.builds()}.intersection(gone):
            self.registry.remove_build(build_id)

    def stages(self) -> tuple[Stage, ...]:
        return (
            Stage("stage", self._stage, ("tables", "rejects.csv", "load.json"), kept_on_failure=("rejects.csv",)),
            Stage("derive", self._derive, ("derived",)),
            Stage("graph", self._graph, ("graph.json",), is_intact=self._graph_is_there),
            Stage(
                "detect",
                self._detect,
                ("findings.json", "skipped.json", "detectors.json"),
                depends_on=self._confirmed_digest,
            ),
            Stage("rank", self._rank, ("leads.json",), depends_on=self._previous_digest),
            Stage("publish", self._publish),
        )

    def _stage(self, work: Path, progress: Progress) -> Counts:
        settings = self.settings
        report = stage_source(
            self.source,
            work / "tables",
            rejects=work / "rejects.csv",
            key=self.key,
            options=StageOptions(
                max_rejected_share=settings.max_rejected_share,
                memory_limit=settings.memory_limit,
                threads=settings.threads,
                temp_directory=work / "spill",
                overrides=settings.lists,
            ),
            progress=progress,
        )
        load = {"report": report.as_dict(), "readable": report.readable(), "coverage": sorted(report.coverage)}
        write_text(work / "load.json", json.dumps(load, ensure_ascii=False, default=str))
        return {
            "rows_read": report.rows_read,
            "rows_rejected": report.rows_rejected,
            **{name: report.canonical_rows[name] for name in ("settlements", "persons", "lines")},
        }

    def _derive(self, work: Path, progress: Progress) -> Counts:
        with self._tables(work) as tables:
            return derive(
                tables, work / "derived", graph_settlements=self.settings.graph_settlements, progress=progress
            )

    def _graph(self, work: Path, progress: Progress) -> Counts:
        self.store.remove(self.manifest.build_id)
        with self._tables(work) as tables:
            counts = self.store.write(self.manifest.build_id, tables, progress)
        write_text(work / "graph.json", json.dumps(counts, sort_keys=True))
        return counts

    def _graph_is_there(self) -> bool:
        try:
            self.store.open(self.manifest.build_id).close()
        except GraphauditError:
            return False
        return True

    def _detect(self, work: Path, progress: Progress) -> Counts:
        costs: list[DetectorCost] = []
        with self._view(work, progress, self.registry.confirmed_cases()) as view:
            findings, skipped = run_all(view, overrides=self.settings.detectors, costs=costs)
        write_findings(work / "findings.json", findings)
        rows = [
            {"detector": entry.detector, "reason": entry.reason.en, "reason_zh": entry.reason.zh} for entry in skipped
        ]
        write_text(work / "skipped.json", json.dumps(rows, ensure_ascii=False))
        write_text(work / "detectors.json", json.dumps([asdict(cost) for cost in costs]))
        return {"findings": len(findings), "detectors_skipped": len(rows)}

    def _rank(self, work: Path, progress: Progress) -> Counts:
        findings = read_findings(self.folder / "findings.json")
        left_out: Counter[str] = Counter()
        with self._view(work, progress) as view:
            leads = rank_findings(
                findings,
                view,
                previous=self.registry.settlements_of_previous(),
                least_score=self.settings.least_score,
                quotas=self.settings.quotas,
                left_out=left_out,
            )
        write_text(work / "leads.json", json.dumps(leads, ensure_ascii=False))
        return {
            "findings": len(findings),
            "leads": len(leads),
            # none is dropped without a word: the report says how many were not worth a place, and why
            **{f"left_out_{reason}": number for reason, number in sorted(left_out.items())},
        }

    def _confirmed_digest(self) -> str:
        return digest({lead: sorted(members) for lead, members in self.registry.confirmed_cases().items()})

    def _previous_digest(self) -> str:
        previous = self.registry.settlements_of_previous()
        return digest({lead: sorted(settlements) for lead, settlements in previous.items()})

    def _publish(self, work: Path, progress: Progress) -> Counts:  # noqa: ARG002
        leads = json.loads((self.folder / "leads.json").read_text(encoding="utf-8"))
        self.store.write_leads(self.manifest.build_id, leads)
        progress.advance(note="leads in the graph")
        # one transaction: before it readers see the previous build, after it this one
        self.registry.publish(self._record(), leads)
        # last, since it cannot be taken back within a transaction: a resumed build repeats it
        try:
            self.store.activate(self.manifest.build_id)
        except GraphauditError as error:
            raise StoreError(
                f"the leads are published, but not yet shown in the graph: {error.detail}", error.hint
            ) from error
        return {"leads": len(leads)}

    def _record(self) -> BuildRecord:
        counts = {
            f"{stage.name}.{name}": number for stage in self.manifest.stages for name, number in stage.counts.items()
        }
        return BuildRecord(
            id=self.manifest.build_id,
            source_fingerprint=self.manifest.source_fingerprint,
            counts=counts,
            code_version=self.manifest.code_version,
            store_url=mask_url(self.settings.store_url),
            seed=self.settings.seed,
            created_at=datetime.fromisoformat(self.manifest.created),
        )

    def _is_published(self) -> bool:
        states = {record.id: record.state for record in self.registry.builds()}
        return states.get(self.manifest.build_id) in PUBLISHED

    def _tables(self, work: Path) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        return opened_tables(self.folder, self.settings, work / "spill")

    def _view(
        self, work: Path, progress: Progress, confirmed: Cases = MappingProxyType({})
    ) -> AbstractContextManager[BuildView]:
        return opened_view(
            self.folder,
            self.settings,
            self.store,
            work / "spill",
            progress,
            seed=self.settings.seed,
            confirmed=confirmed,
        )

    def _read(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

    def _report(self) -> dict[str, Any]:
        load = self._read("load.json") if (self.folder / "load.json").exists() else None
        detected = (self.folder / "detectors.json").exists()
        report = build_report(
            self.manifest,
            load["report"] if load else None,
            self._read("skipped.json") if detected else [],
            detectors=self._read("detectors.json") if detected else [],
            feed_faults=read_feed_faults(self.folder),
            capped=crowded_windows(self.folder),
        )
        write_report(self.folder, report, load["readable"] if load else "")
        return report

"""Is this installation sound? Package names, folders, keys, registry, store and served build, each with its fix."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import graphaudit
from graphaudit.builds.manifest import Manifest
from graphaudit.errors import GraphauditError
from graphaudit.registry import Registry
from graphaudit.settings import Settings, mask_url
from graphaudit.site_key import site_key
from graphaudit.stores import NEO4J_SCHEMES, store_of

#: Top-level names that must be ours, and the one generic name that must be the library we mean.
OURS = ("graphaudit", "loaders", "detectors", "api", "cypher")
LOUVAIN_NAME, LOUVAIN_OWNER = "community", "python-louvain"

_LIBRARIES = ("duckdb", "ladybug", "sqlalchemy", "fastapi", "pydantic", "numpy", "scipy", "neo4j")

#: Without it the driver packs rows in pure Python, some twenty times more slowly.
_DRIVER_SPEED = "neo4j-rust-ext"
_MANAGED = "neo4j-home"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: `fix` is the next step when it is not ok."""

    name: str
    ok: bool
    detail: str
    fix: str = ""


def run_checks(settings: Settings) -> list[Check]:
    """Every check, in the order in which a new site meets them; none raises."""
    return [
        *_versions(),
        *_package_owners(),
        _guarded("data folder", lambda: _data_folder(settings)),
        _guarded("site key", lambda: _site_key(settings)),
        _guarded("registry", lambda: _registry(settings)),
        *_all_guarded("graph store", lambda: _store(settings)),
        _guarded("active build", lambda: _active_build(settings)),
    ]


def _guarded(name: str, look: Callable[[], Check]) -> Check:
    (check,) = _all_guarded(name, lambda: [look()])
    return check


def _all_guarded(name: str, look: Callable[[], list[Check]]) -> list[Check]:
    try:
        return look()
    except GraphauditError as error:
        return [Check(name, False, error.detail, error.hint)]
    except OSError as error:
        return [Check(name, False, f"{error.strerror}: {error.filename}", "correct the path or its permissions")]


def _versions() -> Iterator[Check]:
    python = platform.python_version()
    enough = sys.version_info >= (3, 11)
    yield Check("python", enough, python, "" if enough else "use Python 3.11 or newer")
    yield Check("graphaudit", True, graphaudit.__version__)
    for library in _LIBRARIES:
        try:
            yield Check(library, True, importlib.metadata.version(library))
        except importlib.metadata.PackageNotFoundError:
            yield Check(library, False, "not installed", "install graphaudit again in an environment of its own")


def _package_owners() -> Iterator[Check]:
    owners = importlib.metadata.packages_distributions()
    root = Path(graphaudit.__file__).resolve().parent.parent
    for name in OURS:
        module = importlib.import_module(name)
        place = Path(module.__file__ or "").resolve().parent.parent
        others = sorted(set(owners.get(name, ())) - {"graphaudit"})
        if place != root:
            yield Check(
                f"package {name}", False, f"another package of this name is imported from {place}", _remove(others)
            )
        elif others:
            yield Check(f"package {name}", False, f"{', '.join(others)} installs the same name", _remove(others))
        else:
            yield Check(f"package {name}", True, "ours")
    others = sorted(set(owners.get(LOUVAIN_NAME, ())) - {LOUVAIN_OWNER})
    if others:
        yield Check(f"package {LOUVAIN_NAME}", False, f"{', '.join(others)} hides {LOUVAIN_OWNER}", _remove(others))
    else:
        yield Check(f"package {LOUVAIN_NAME}", True, LOUVAIN_OWNER)


def _remove(others: list[str]) -> str:
    if others:
        return f"pip uninstall {' '.join(others)}, or give graphaudit an environment of its own"
    return "give graphaudit an environment of its own, and unset PYTHONPATH"


def _data_folder(settings: Settings) -> Check:
    folder = settings.data
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not existing.is_dir():
        return Check("data folder", False, f"{existing} is not a folder", "give another place with --data")
    if not os.access(existing, os.W_OK):
        return Check("data folder", False, f"{existing} cannot be written", f"chown it, or choose --data ({existing})")
    if existing == folder:
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
        return Check("data folder", True, str(folder))
    return Check("data folder", True, f"{folder} will be made by the first build")


def _site_key(settings: Settings) -> Check:
    if settings.site_key is None and not settings.key_file.exists():
        return Check("site key", True, f"{settings.key_file} will be made by the first build")
    site_key(settings)
    where = "GRAPHAUDIT_SITE_KEY" if settings.site_key is not None else str(settings.key_file)
    return Check("site key", True, f"{where}, for its owner only")


def _nothing_yet(settings: Settings) -> bool:
    url = settings.registry_url
    return url.startswith("sqlite:") and not Path(url.removeprefix("sqlite:")).exists()


def _registry(settings: Settings) -> Check:
    if _nothing_yet(settings):
        return Check("registry", True, f"{mask_url(settings.registry_url)} will be made by the first build")
    with Registry.open(settings.registry_url) as registry:
        verdict = registry.verify_audit()
    if not verdict.intact:
        return Check(
            "registry",
            False,
            f"the audit log is broken at record {verdict.broken_at}: {verdict.problem}",
            "restore the registry from a copy, and find out who wrote to it",
        )
    return Check("registry", True, f"schema current, {verdict.records} audit records intact")


def _store(settings: Settings) -> list[Check]:
    """What the store is; then one check for everything about it that is not as declared."""
    kind = settings.store_url.partition(":")[0]
    checks = []
    if kind == _MANAGED or kind in NEO4J_SCHEMES:
        checks.append(_driver_speed())
    active = None
    if not _nothing_yet(settings):
        with Registry.open(settings.registry_url) as registry:
            active = registry.active_build()
    if active is None and kind not in NEO4J_SCHEMES:
        # a store of our own comes into being with the first build
        return [Check("graph store", True, f"{mask_url(settings.store_url)}, nothing published yet"), *checks]
    store = store_of(settings)
    try:
        report = store.inspect(active.id if active else None)
    finally:
        store.close()
    faults = [Check("graph store", False, fault.detail, fault.fix) for fault in report.faults]
    return [Check("graph store", True, f"{report.engine} at {report.place}"), *checks, *faults]


def _driver_speed() -> Check:
    try:
        return Check(_DRIVER_SPEED, True, importlib.metadata.version(_DRIVER_SPEED))
    except importlib.metadata.PackageNotFoundError:
        return Check(_DRIVER_SPEED, False, "not installed: loading is slow", f"pip install {_DRIVER_SPEED}")


def _active_build(settings: Settings) -> Check:
    if _nothing_yet(settings):
        return Check("active build", True, "none yet")
    with Registry.open(settings.registry_url) as registry:
        active = registry.active_build()
        leads = registry.count(active.id) if active else 0
    if active is None:
        return Check("active build", True, "none yet")
    folder = settings.builds_folder / active.id
    manifest = Manifest.read(folder)
    promised = json.loads((folder / "graph.json").read_text(encoding="utf-8"))
    store = store_of(settings)
    try:
        reader = store.open(active.id)
        try:
            counts = reader.counts()
        finally:
            reader.close()
    finally:
        store.close()
    fix = f"graphaudit builds rollback to an earlier build, or build again from {manifest.source}"
    # the leads were written to the graph after it was counted
    promised.pop("IMPLICATES", None)
    promised["Lead"] = leads
    for name, number in sorted(promised.items()):
        if counts.get(name) != number:
            detail = f"{active.id}: the graph holds {counts.get(name, 0):,} {name}, its build wrote {number:,}"
            return Check("active build", False, detail, fix)
    if leads != manifest.stage("rank").counts.get("leads"):
        return Check(
            "active build", False, f"{active.id}: the registry holds {leads} leads, its build ranked others", fix
        )
    return Check("active build", True, f"{active.id}: graph opens, counts agree, {leads} leads")

"""Which builds are kept: the newest published ones, and at most one that is unfinished."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from graphaudit.builds.durable import remove
from graphaudit.builds.manifest import Manifest, manifests

if TYPE_CHECKING:
    from graphaudit.stores.base import GraphStore

logger = logging.getLogger(__name__)


def unfinished(
    builds: Path, *, source_fingerprint: str, code_version: str, parameters: Mapping[str, object]
) -> Manifest | None:
    """The newest unfinished build, if it was made from the same source with the same code and parameters."""
    for manifest in manifests(builds):
        if manifest.state == "published":
            continue
        same = (
            manifest.source_fingerprint == source_fingerprint
            and manifest.code_version == code_version
            and manifest.parameters == dict(parameters)
        )
        return manifest if same else None
    return None


def prune(
    builds: Path, store: GraphStore, *, active: str | None, keep: int, keep_unfinished: str | None = None
) -> list[str]:
    """Remove the folder and graph of builds that are no longer kept; return their ids.

    Kept are `active`, the newest published ones up to `keep` in all, and of the unfinished only `keep_unfinished`.
    """
    everything = manifests(builds)
    published = [m.build_id for m in everything if m.state == "published"]
    kept: set[str | None] = {active} if active in published else set()
    for build_id in published:
        if len(kept) < keep:
            kept.add(build_id)
    kept |= {keep_unfinished}
    gone = sorted(m.build_id for m in everything if m.build_id not in kept)
    for build_id in gone:
        store.remove(build_id)
        remove(builds / build_id)
        logger.info("removed build=%s", build_id)
    return gone

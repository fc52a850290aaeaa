"""What runs Neo4j: the Java of a wheel and a locked set of jars in a cache outside the checkout."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

CACHE_VARIABLE = "GRAPHAUDIT_NEO4J_CACHE"


@dataclass(frozen=True, slots=True)
class Runtime:
    """A Java and the jars of one Neo4j version, each checked against the lock, and the archive of their classes."""

    java: Path
    jars: tuple[Path, ...]
    version: str
    class_archive: Path | None = None

    @property
    def class_path(self) -> str:
        """The class path for `java -cp`, in one order on every machine: an archive of classes fits no other."""
        return ":".join(str(jar) for jar in sorted(self.jars))

    @property
    def archive_options(self) -> tuple[str, ...]:
        """Options that let a server of this class path use the archive, where there is one and it fits."""
        return ("-Xshare:auto", f"-XX:SharedArchiveFile={self.class_archive}") if self.class_archive else ()


def runtime(cache: Path | None = None) -> Runtime:
    """Java and jars, downloaded when the cache lacks them (about 140 MB, once); two processes at once are safe.

    `cache` defaults to GRAPHAUDIT_NEO4J_CACHE, else `~/.cache/graphaudit/neo4j`. ConfigurationError, with the next
    step, when the extra `neo4j-local` is not installed, the Java is of another version, or the jars cannot be had.
    """
    from graphaudit.neo4j_local.jars import locked_jars, version_of_lock
    from graphaudit.neo4j_local.java import packaged_java

    java, jars = packaged_java(), locked_jars(cache or cache_folder())
    archive = archive_path(java, jars)
    return Runtime(java, jars, version_of_lock(), archive if archive.is_file() else None)


def archive_path(java: Path, jars: tuple[Path, ...]) -> Path:
    """Where the archive of the classes of `jars` for this very `java` has its place: beside the jars' folder."""
    state = java.stat()
    known = f"{java} {state.st_size} {state.st_mtime_ns}"
    return jars[0].parent.with_name(f"{jars[0].parent.name}-{hashlib.sha256(known.encode()).hexdigest()[:12]}.jsa")


def cache_folder() -> Path:
    """Where jars are kept: GRAPHAUDIT_NEO4J_CACHE, else below the user's cache folder."""
    given = os.environ.get(CACHE_VARIABLE)
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "graphaudit" / "neo4j"

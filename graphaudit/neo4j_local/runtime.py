"""What runs Neo4j: the Java of a wheel and a locked set of jars in a cache outside the checkout."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

CACHE_VARIABLE = "GRAPHAUDIT_NEO4J_CACHE"


@dataclass(frozen=True, slots=True)
class Runtime:
    """A Java and the jars of one Neo4j version, each checked against the lock."""

    java: Path
    jars: tuple[Path, ...]
    version: str

    @property
    def class_path(self) -> str:
        """The class path for `java -cp`: one folder holds every jar and nothing else."""
        return str(self.jars[0].parent / "*")


def runtime(cache: Path | None = None) -> Runtime:
    """Java and jars, downloaded when the cache lacks them (about 140 MB, once); two processes at once are safe.

    `cache` defaults to GRAPHAUDIT_NEO4J_CACHE, else `~/.cache/graphaudit/neo4j`. ConfigurationError, with the next
    step, when the extra `neo4j-local` is not installed, the Java is of another version, or the jars cannot be had.
    """
    from graphaudit.neo4j_local.jars import locked_jars, version_of_lock
    from graphaudit.neo4j_local.java import packaged_java

    java = packaged_java()
    return Runtime(java, locked_jars(cache or cache_folder()), version_of_lock())


def cache_folder() -> Path:
    """Where jars are kept: GRAPHAUDIT_NEO4J_CACHE, else below the user's cache folder."""
    given = os.environ.get(CACHE_VARIABLE)
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "graphaudit" / "neo4j"

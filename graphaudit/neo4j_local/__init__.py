"""A Neo4j Community server on this machine, had with pip alone: Java from a wheel, locked jars from Maven Central.

It serves single machines, demonstrations and tests; `graphaudit.stores.neo4j_store` puts graphs into it.
"""

from __future__ import annotations

from graphaudit.neo4j_local.admin import ImportReport, import_full, set_initial_password
from graphaudit.neo4j_local.home import Home, Ports, free_ports
from graphaudit.neo4j_local.passwords import checked_password, password_of
from graphaudit.neo4j_local.runtime import Runtime, runtime
from graphaudit.neo4j_local.server import USER, Server

__all__ = [
    "USER",
    "Home",
    "ImportReport",
    "Ports",
    "Runtime",
    "Server",
    "checked_password",
    "free_ports",
    "import_full",
    "password_of",
    "runtime",
    "set_initial_password",
]

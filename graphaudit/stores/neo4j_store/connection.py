"""Connect to a Neo4j server, refuse one that will not do, and say in our words what went wrong on the way."""

from __future__ import annotations

import re

import neo4j
from neo4j.exceptions import (
    AuthError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
)
from neo4j.exceptions import (
    ConfigurationError as DriverConfigurationError,
)

from graphaudit.errors import ConfigurationError, GraphauditError, StoreError
from graphaudit.stores.neo4j_store.address import Address

#: The major version whose Cypher, import tool and defaults this store was written for.
MAJOR_VERSION = 5

#: Seconds that a lost connection, a deadlock or a server that restarts may last before a transaction is given up.
RETRY_S = 60.0
CONNECT_S = 15.0

#: Everything the driver raises.
FAILURES = (DriverError, Neo4jError)
LOST = (ServiceUnavailable, SessionExpired)


def connect(address: Address, password: str | None, *, retry_s: float = RETRY_S) -> neo4j.Driver:
    """A driver for the server at `address`, which has answered and is of the right version.

    ConfigurationError without a password; StoreError, naming the next step, when the server does not answer, refuses
    the user, has no such database or is of another major version.
    """
    if password is None:
        raise ConfigurationError(
            f"no password is given for {address.user} at {address.uri}",
            "set GRAPHAUDIT_NEO4J_PASSWORD, or GRAPHAUDIT_NEO4J_PASSWORD_FILE with the path of a file of mode 0600",
        )
    try:
        driver = neo4j.GraphDatabase.driver(
            address.uri,
            auth=(address.user, password),
            connection_timeout=CONNECT_S,
            connection_acquisition_timeout=CONNECT_S * 2,
            max_transaction_retry_time=retry_s,
            notifications_min_severity="OFF",
            user_agent="graphaudit",
        )
    except (DriverConfigurationError, ValueError):
        raise ConfigurationError(
            f"{address.uri} is no address of a Neo4j server", "see --store in the manual"
        ) from None
    try:
        # without the patience of a transaction: a wrong address should be said at once
        driver.verify_connectivity()
        require_version(server_version(driver, address), address)
    except FAILURES as error:
        driver.close()
        raise explained(error, address) from None
    except GraphauditError:
        driver.close()
        raise
    return driver


def server_version(driver: neo4j.Driver, address: Address) -> str:
    """The server's version and edition, such as `5.26.31 community`."""
    records, _, _ = driver.execute_query(
        "CALL dbms.components() YIELD name, versions, edition WHERE name = 'Neo4j Kernel' "
        "RETURN versions[0] AS version, edition",
        database_=address.database,
        routing_=neo4j.RoutingControl.READ,
    )
    return f"{records[0]['version']} {records[0]['edition']}" if records else "unknown"


def require_version(version: str, address: Address) -> None:
    """StoreError unless `version` is of the major version that this store speaks."""
    major = re.match(r"\d+", version)
    if major is None or int(major[0]) != MAJOR_VERSION:
        raise StoreError(
            f"the server at {address.uri} is Neo4j {version}, this store needs Neo4j {MAJOR_VERSION}",
            f"use a server of version {MAJOR_VERSION}.26 (long-term support); --store neo4j-home:FOLDER brings one",
        )


def explained(error: Exception, address: Address, what: str = "") -> StoreError:
    """What `error` means for whoever runs the build; never a value out of the data."""
    prefix = f"{what}: " if what else ""
    code = getattr(error, "code", None) or ""
    if isinstance(error, AuthError):
        if "RateLimit" in code:
            return StoreError(
                f"{prefix}the server at {address.uri} has shut {address.user} out after too many wrong passwords",
                "wait some seconds, then give the right one in GRAPHAUDIT_NEO4J_PASSWORD or its file",
            )
        return StoreError(
            f"{prefix}the server at {address.uri} refuses the password of {address.user}",
            "correct GRAPHAUDIT_NEO4J_PASSWORD or its file, or the user in the store URL",
        )
    if isinstance(error, LOST):
        return StoreError(
            f"{prefix}no Neo4j server answers at {address.uri}",
            "check host and port of the store URL (Bolt, usually 7687) and that the server runs; "
            "then run the same command again",
        )
    if "DatabaseNotFound" in code:
        return StoreError(
            f"{prefix}the server at {address.uri} has no database {address.database}", "correct the store URL"
        )
    if "ReadOnly" in code or "WriteOnReadOnly" in code:
        return StoreError(
            f"{prefix}the server at {address.uri} takes no writes",
            "set server.databases.default_to_read_only=false there and restart it, or use --store neo4j-home:FOLDER",
        )
    if "Memory" in code or "OutOfMemory" in code:
        return StoreError(
            f"{prefix}the server at {address.uri} has too little memory",
            "give it more (server.memory.heap.max_size, dbms.memory.transaction.total.max), then run the command again",
        )
    return StoreError(f"{prefix}the server at {address.uri} answers {masked(error)}", "run the same command again")


def disk_failure(error: Exception) -> str:
    """What a file that could not be written means; `error` is the columnar engine's or the system's."""
    text = str(error).strip()
    if re.search(r"No space left|File too large|quota exceeded", text, re.IGNORECASE):
        return "the disk is full"
    return text.splitlines()[0][:300] if text else type(error).__name__


def masked(error: Exception) -> str:
    """The driver's message without what stands in quotation marks, which may be a value."""
    code = getattr(error, "code", None) or ""
    message = getattr(error, "message", None) or str(error) or type(error).__name__
    if "ConstraintValidation" in code:
        return "that a key occurs twice"
    if "ConstraintCreation" in code:
        label = re.search(r"\(:(\w+)", message)
        where = f" of {label[1]}" if label else ""
        return (
            f"that a key{where} occurs twice" if "Both Node" in message else f"that keys{where} cannot be made unique"
        )
    line = message.strip().splitlines()[0]
    return re.sub(r"'[^']*'|\"[^\"]*\"|`[^`]*`", "…", line)[:300]

"""The text of neo4j.conf and the options of the Java machine: least privilege, and nothing for the network to fetch.

Neo4j Community knows no roles: whoever may log in may do all that the server may. So the server itself may do little.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from graphaudit.errors import ConfigurationError
from graphaudit.hosts import LOOPBACK, bracketed, reached_at

#: Shortest password that the server takes.
SHORTEST_PASSWORD = 12

#: No procedure of a plugin may run, and none may pass the checks. Those that come with Neo4j are always callable.
NO_PLUGIN = "none"

#: Java that is up a third sooner and slower at what it does often.
SHORT_LIVED = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")

#: LOAD CSV may fetch from no address at all; this holds for redirects too.
EVERY_ADDRESS = "0.0.0.0/0,::/0"

_HOST_AND_PORT = re.compile(r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):(\d{1,5})")
_GUIDE_PORT = re.compile(r":(\d{1,5}|\*)$")


def neo4j_conf(
    *,
    bolt_port: int,
    http_port: int,
    read_only: bool,
    page_cache_mb: int,
    listen: str,
    advertised_bolt: str | None,
    seen_as: str | None,
    guide_origin: str | None,
    transaction_timeout_s: int,
) -> str:
    """The whole of neo4j.conf. No secret stands in it: any client may read it with `dbms.listConfig`."""
    host = bracketed(checked_address(listen))
    shown = bracketed(reached_at(listen))
    advertised = checked_host_and_port(advertised_bolt) if advertised_bolt else f"{shown}:{bolt_port}"
    local_bolt = advertised
    if seen_as:
        advertised = checked_host_and_port(f"{seen_as}:{advertised.rpartition(':')[2]}")
    guide = checked_origin(guide_origin) if guide_origin else None
    lines = {
        "server.default_listen_address": host,
        "server.bolt.enabled": "true",
        "server.bolt.listen_address": f"{host}:{bolt_port}",
        "server.bolt.advertised_address": advertised,
        "server.http.enabled": "true",
        "server.http.listen_address": f"{host}:{http_port}",
        "server.http.advertised_address": f"{shown}:{http_port}",
        "server.https.enabled": "false",
        # HTTP hands out Browser and takes no queries: those come by Bolt, which the gate watches
        "server.http_enabled_modules": "BROWSER",
        "server.memory.pagecache.size": f"{page_cache_mb}m",
        "server.databases.default_to_read_only": str(read_only).lower(),
        "db.tx_log.rotation.retention_policy": "1 days 2G",
        "db.transaction.timeout": f"{transaction_timeout_s}s",
        "dbms.security.procedures.allowlist": NO_PLUGIN,
        "dbms.security.procedures.unrestricted": NO_PLUGIN,
        "dbms.security.allow_csv_import_from_file_urls": "false",
        "internal.dbms.cypher_ip_blocklist": EVERY_ADDRESS,
        "dbms.security.auth_enabled": "true",
        "dbms.security.auth_minimum_password_length": str(SHORTEST_PASSWORD),
        "dbms.security.auth_max_failed_attempts": "5",
        "dbms.security.http_static_content_security_policy_header": content_security_policy(
            local_bolt, guide, advertised if seen_as else None
        ),
        # waiting for stragglers after the databases are closed would double the time of a stop
        "internal.dbms.bolt.netty_server_shutdown_quiet_period": "0",
        "dbms.usage_report.enabled": "false",
        "client.allow_telemetry": "false",
        "browser.remote_content_hostname_whitelist": (urlsplit(guide).hostname or LOOPBACK) if guide else LOOPBACK,
    }
    if guide and not guide.endswith("*"):
        lines["browser.post_connect_cmd"] = f"play {guide}/v1/browser/guide.html"
    return "".join(f"{name}={value}\n" for name, value in lines.items())


def content_security_policy(bolt: str, guide: str | None, elsewhere_bolt: str | None = None) -> str:
    """What Browser may fetch: itself, its Bolt port, and the guide's origin when there is one; nothing outside.

    A loopback Bolt address is allowed under both its names, as a person types either. `elsewhere_bolt` is the address
    that Bolt has for other machines, with a proxy for TLS before it or without.
    """
    host, _, port = bolt.rpartition(":")
    bolts = [f"ws://{bolt}"]
    if is_loopback(host) or host == "localhost":
        bolts = [f"ws://{LOOPBACK}:{port}", f"ws://localhost:{port}"]
    if elsewhere_bolt:
        bolts += [f"ws://{elsewhere_bolt}", f"wss://{elsewhere_bolt}"]
    elsewhere = f" {guide}" if guide else ""
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            f"img-src 'self' data:{elsewhere}",
            "style-src 'self' 'unsafe-inline'",
            "font-src 'self'",
            "base-uri 'none'",
            "object-src 'none'",
            "frame-ancestors 'none'",
            f"connect-src 'self' {' '.join(bolts)}{elsewhere}",
        )
    )


def jvm_options(heap_mb: int, *, short_lived: bool = False) -> str:
    """An argument file for `java @…`: the heap in MiB, and what Neo4j asks of the Java machine."""
    return "\n".join(
        (
            f"-Xms{min(heap_mb, 256)}m",
            f"-Xmx{heap_mb}m",
            *(SHORT_LIVED if short_lived else ("-XX:+UseG1GC",)),
            "-XX:+ExitOnOutOfMemoryError",
            # no file with the command line in a folder that others read
            "-XX:-UsePerfData",
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            "--add-opens=java.base/java.io=ALL-UNNAMED",
            "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
            "-Dio.netty.tryReflectionSetAccessible=true",
            "-Dlog4j2.disable.jmx=true",
            "-Dfile.encoding=UTF-8",
            "",
        )
    )


def setting_in(text: str, name: str) -> str | None:
    """The value of `name` in the text of a neo4j.conf; None when it is not set."""
    for line in text.splitlines():
        key, found, value = line.partition("=")
        if found and key.strip() == name:
            return value.strip()
    return None


def is_loopback(host: str) -> bool:
    """True for a numeric address of this machine alone."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def checked_address(listen: str) -> str:
    """`listen` when it is a numeric address; else ConfigurationError, as a name may lead anywhere tomorrow."""
    try:
        ipaddress.ip_address(listen)
    except ValueError:
        raise ConfigurationError(
            f"{listen!r} is no numeric address to listen on",
            f"give one such as {LOOPBACK}, or 0.0.0.0 for every network",
        ) from None
    return listen


def checked_host_and_port(text: str) -> str:
    """`text` when it has the form `host:port`; else ConfigurationError. Nothing else gets into the configuration."""
    found = _HOST_AND_PORT.fullmatch(text)
    if not found or not 0 < int(found[2]) < 65536:
        raise ConfigurationError(f"{text!r} is no address of the form host:port", "correct the advertised address")
    return text


def checked_origin(text: str) -> str:
    """`text` when it is `http(s)://host[:port]`, the port possibly `*`; else ConfigurationError."""
    rest = text.removeprefix("https://").removeprefix("http://")
    host = _GUIDE_PORT.sub("", rest)
    if rest == text or not re.fullmatch(r"\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+", host):
        raise ConfigurationError(
            f"{text!r} is no origin of the form http://host:port", "correct the address of the guide"
        )
    return text

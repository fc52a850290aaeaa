"""The configuration of a local server: little is allowed, and nothing gets in that is not of its kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graphaudit.errors import ConfigurationError
from graphaudit.neo4j_local import Home, Ports
from graphaudit.neo4j_local.configuration import content_security_policy, setting_in

PORTS = Ports(7687, 7474)


@pytest.fixture
def configured(tmp_path: Path) -> Callable[..., str]:
    """Writes a configuration and returns its text."""

    def configure(**given: Any) -> str:
        home = Home(tmp_path / "home")
        home.configure(PORTS, **{"read_only": True, **given})
        return (home.conf / "neo4j.conf").read_text(encoding="utf-8")

    return configure


def test_what_nobody_asked_for_is_off(configured: Callable[..., str]) -> None:
    text = configured()
    expected = {
        "server.bolt.listen_address": "127.0.0.1:7687",
        "server.http.listen_address": "127.0.0.1:7474",
        "server.https.enabled": "false",
        "server.http_enabled_modules": "BROWSER",
        "server.databases.default_to_read_only": "true",
        "dbms.security.auth_enabled": "true",
        "dbms.security.auth_minimum_password_length": "12",
        "dbms.security.procedures.allowlist": "none",
        "dbms.security.procedures.unrestricted": "none",
        "dbms.security.allow_csv_import_from_file_urls": "false",
        "internal.dbms.cypher_ip_blocklist": "0.0.0.0/0,::/0",
        "dbms.usage_report.enabled": "false",
        "client.allow_telemetry": "false",
    }
    assert {name: setting_in(text, name) for name in expected} == expected
    assert setting_in(text, "browser.post_connect_cmd") is None


def test_other_networks_are_listened_to_only_when_told(configured: Callable[..., str]) -> None:
    text = configured(listen="0.0.0.0")
    assert setting_in(text, "server.bolt.listen_address") == "0.0.0.0:7687"
    # an address that means every network is nothing that a client could be told
    assert setting_in(text, "server.bolt.advertised_address") == "127.0.0.1:7687"
    assert setting_in(configured(listen="::1"), "server.http.listen_address") == "[::1]:7474"


def test_clients_are_told_the_address_that_they_come_through(configured: Callable[..., str]) -> None:
    text = configured(advertised_bolt="graph.site:17687")
    assert setting_in(text, "server.bolt.advertised_address") == "graph.site:17687"
    policy = setting_in(text, "dbms.security.http_static_content_security_policy_header")
    assert policy is not None
    assert "connect-src 'self' ws://graph.site:17687" in policy


def test_other_machines_come_by_another_name_with_or_without_a_proxy(configured: Callable[..., str]) -> None:
    text = configured(advertised_bolt="127.0.0.1:17687", seen_as="graph.site")
    assert setting_in(text, "server.bolt.advertised_address") == "graph.site:17687"
    policy = setting_in(text, "dbms.security.http_static_content_security_policy_header")
    assert policy is not None
    assert policy.endswith(
        "connect-src 'self' ws://127.0.0.1:17687 ws://localhost:17687 ws://graph.site:17687 wss://graph.site:17687"
    )


def test_browser_may_speak_to_itself_its_server_and_the_guide_only() -> None:
    policy = content_security_policy("127.0.0.1:7687", "http://127.0.0.1:8000")
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["connect-src"].split() == [
        "'self'", "ws://127.0.0.1:7687", "ws://localhost:7687", "http://127.0.0.1:8000",
    ]  # fmt: skip
    assert rules["default-src"] == rules["script-src"] == "'self'"
    assert rules["frame-ancestors"] == rules["object-src"] == "'none'"
    assert "*" not in content_security_policy("127.0.0.1:7687", None)
    assert "http" not in content_security_policy("127.0.0.1:7687", None)


def test_a_guide_is_opened_after_login_when_its_port_is_known(configured: Callable[..., str]) -> None:
    text = configured(guide_origin="http://127.0.0.1:8000")
    assert setting_in(text, "browser.post_connect_cmd") == "play http://127.0.0.1:8000/v1/browser/guide.html"
    assert setting_in(text, "browser.remote_content_hostname_whitelist") == "127.0.0.1"
    any_port = configured(guide_origin="http://127.0.0.1:*")
    assert setting_in(any_port, "browser.post_connect_cmd") is None
    assert "http://127.0.0.1:*" in any_port


@pytest.mark.parametrize(
    "wrong",
    [
        {"listen": "localhost"},
        {"listen": "127.0.0.1\ndbms.security.auth_enabled=false"},
        {"advertised_bolt": "host"},
        {"advertised_bolt": "host:0"},
        {"seen_as": "a b"},
        {"seen_as": "*"},
        {"advertised_bolt": "host:7687\ndbms.security.auth_enabled=false"},
        {"guide_origin": "127.0.0.1:8000"},
        {"guide_origin": "http://a.b:80/path"},
        {"guide_origin": "http://a.b;script-src *"},
        {"guide_origin": "http://*:8000"},
        {"guide_origin": "http://a\nclient.allow_telemetry=true"},
    ],
)
def test_a_value_of_another_form_is_refused(configured: Callable[..., str], wrong: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError) as refused:
        configured(**wrong)
    assert refused.value.hint


@pytest.mark.parametrize("ports", [Ports(7687, 7687), Ports(0, 7474), Ports(7687, 65536)])
def test_two_ports_that_exist_are_needed(tmp_path: Path, ports: Ports) -> None:
    with pytest.raises(ConfigurationError, match="port"):
        Home(tmp_path / "home").configure(ports, read_only=True)


def test_java_gets_the_memory_that_was_given(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.configure(PORTS, read_only=True, heap_mb=768, page_cache_mb=333)
    assert "-Xmx768m" in (home.conf / "jvm.options").read_text(encoding="utf-8").splitlines()
    assert "server.memory.pagecache.size=333m" in (home.conf / "neo4j.conf").read_text(encoding="utf-8")

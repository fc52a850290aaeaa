"""docker-compose.yml: well formed, pinned, healthy, without a secret, and in step with the program and its Neo4j."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from graphaudit.neo4j_local.configuration import content_security_policy, neo4j_conf, setting_in
from graphaudit.settings import PREFIX, Settings

#: Of the compose specification, what this project uses.
TOP = {"services", "volumes"}
KEYS = {
    "image", "build", "restart", "init", "read_only", "tmpfs", "cap_drop", "security_opt", "environment", "command",
    "entrypoint", "depends_on", "ports", "volumes", "healthcheck",
}  # fmt: skip
SECRET = re.compile("KEY|PASSWORD|SECRET|TOKEN|AUTH$")
#: A variable, one with a default, one that may be absent, and one without which nothing starts.
VARIABLE = re.compile(r"\$\{(\w+)(?:(:-)([^}]*)|(:\?)([^}]+))?\}")
PINNED = re.compile(r"[\w/.-]+:\d+\.\d+(\.\d+)?(-[\w.-]+)?")


@pytest.fixture(scope="module")
def text(repository: Path) -> str:
    """The file as it stands."""
    return (repository / "docker-compose.yml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def compose(text: str) -> dict[str, Any]:
    """The file, parsed; what begins with x- is for its author only."""
    parsed = yaml.safe_load(text)
    return {name: value for name, value in parsed.items() if not name.startswith("x-")}


@pytest.fixture(scope="module")
def neo4j_settings(compose: dict[str, Any]) -> dict[str, str]:
    """Settings of the neo4j service by their names in neo4j.conf, as the image translates them."""
    given = compose["services"]["neo4j"]["environment"]
    return {
        name.removeprefix("NEO4J_").replace("__", "\0").replace("_", ".").replace("\0", "_"): str(value)
        for name, value in given.items()
        if name != "NEO4J_AUTH"
    }


def values(node: Any) -> Iterator[str]:
    """Every text below `node`."""
    if isinstance(node, dict):
        for value in node.values():
            yield from values(value)
    elif isinstance(node, list):
        for value in node:
            yield from values(value)
    elif isinstance(node, str):
        yield node


def test_the_services_are_the_four_and_each_is_well_formed(compose: dict[str, Any]) -> None:
    assert set(compose) == TOP
    assert set(compose["services"]) == {"neo4j", "postgres", "api", "build"}
    for name, service in compose["services"].items():
        assert set(service) <= KEYS, name
        for needed, how in service.get("depends_on", {}).items():
            assert how == {"condition": "service_healthy"}
            assert "test" in compose["services"][needed]["healthcheck"]
        for volume in service["volumes"]:
            place = volume.split(":")[0] if not volume.startswith("$") else ""
            assert not place or place in compose["volumes"], volume


def test_docker_compose_reads_it_where_there_is_one(repository: Path) -> None:
    program = _compose_program()
    if program is None:
        pytest.skip("no docker compose on the path")
    environment = os.environ | {"GRAPHAUDIT_NEO4J_PASSWORD": "x", "GRAPHAUDIT_POSTGRES_PASSWORD": "y"}
    command = [*program, "--file", str(repository / "docker-compose.yml"), "config"]
    read = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert read.returncode == 0, read.stderr
    without = {name: value for name, value in environment.items() if name != "GRAPHAUDIT_NEO4J_PASSWORD"}
    refused = subprocess.run(command, env=without, capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert "choose one" in refused.stderr


def _compose_program() -> list[str] | None:
    for program in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(program[0]):
            told = subprocess.run([*program, "version"], capture_output=True, check=False)
            if told.returncode == 0:
                return program
    return None


def test_images_are_pinned_and_ours_is_built_from_the_dockerfile(compose: dict[str, Any], repository: Path) -> None:
    for name, service in compose["services"].items():
        assert PINNED.fullmatch(service["image"]), name
        assert (service.get("build") == ".") == service["image"].startswith("graphaudit:")
    bases = re.findall(r"^FROM (\S+)", (repository / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert bases
    assert all(PINNED.fullmatch(image) for image in bases)
    assert compose["services"]["neo4j"]["image"].startswith("neo4j:5.26.")
    locked = (repository / "graphaudit" / "neo4j_local" / "jars.lock").read_text(encoding="utf-8")
    assert compose["services"]["neo4j"]["image"].removeprefix("neo4j:").removesuffix("-community") in locked


def test_every_service_tells_its_health_or_is_asleep(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        check = service["healthcheck"]
        if name == "build":
            assert check == {"disable": True}
            continue
        assert check["test"][0] == "CMD"
        assert {"interval", "timeout", "start_period", "retries"} <= set(check)


def test_no_secret_stands_in_the_file(compose: dict[str, Any], text: str) -> None:
    for service in compose["services"].values():
        for name, value in service["environment"].items():
            if SECRET.search(name):
                assert re.fullmatch(r"(neo4j/)?\$\{\w+(:-|:\?[^}]+)\}", str(value)), name
    assert not re.search(r"://[^/\s:@$]+:[^@\s]+@", text), "a password in an address"
    # whatever must be given is asked for in words, so that nothing starts with an empty password
    for name, _, default, must, _ in VARIABLE.findall(text):
        if SECRET.search(name) and name != "GRAPHAUDIT_SITE_KEY":
            assert must, name
            assert not default


def test_variables_are_well_formed_and_the_example_names_those_that_must_be_given(
    compose: dict[str, Any], repository: Path
) -> None:
    example = (repository / ".env.example").read_text(encoding="utf-8")
    offered = dict(re.findall(r"^(\w+)=(.*)$", example, flags=re.MULTILINE))
    demanded = set()
    for value in values(compose):
        left = VARIABLE.sub("", value)
        assert "${" not in left
        demanded |= {name for name, _, _, must, _ in VARIABLE.findall(value) if must}
    assert demanded <= set(offered)
    assert all(offered[name] == "" for name in offered if SECRET.search(name))
    assert ".env\n" in (repository / ".gitignore").read_text(encoding="utf-8")


def test_nothing_is_reached_from_other_machines(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
        assert "no-new-privileges:true" in service["security_opt"]


def test_containers_run_commands_and_set_settings_that_exist(compose: dict[str, Any], repository: Path) -> None:
    import typer

    from api.cli import app

    services = compose["services"]
    dockerfile = (repository / "Dockerfile").read_text(encoding="utf-8")
    default = re.search(r"^CMD (\[.+\])$", dockerfile, flags=re.MULTILINE)
    assert default is not None
    assert 'ENTRYPOINT ["graphaudit"]' in dockerfile
    looped = re.findall(r"graphaudit ([^;&|]+)", services["build"]["command"][0])
    assert len(looped) == 1
    group = typer.main.get_command(app)
    for words in (services["api"]["command"], yaml.safe_load(default[1]), shlex.split(looped[0])):
        context = group.make_context("graphaudit", [], resilient_parsing=True)
        name, command, arguments = group.resolve_command(context, list(words))  # type: ignore[attr-defined]
        assert command.make_context(name, arguments).params
    for name in ("api", "build"):
        given = services[name]["environment"]
        assert f"data:{given['GRAPHAUDIT_DATA']}" in services[name]["volumes"]
        ours = {key.removeprefix(PREFIX).lower() for key in given if key.startswith(PREFIX)}
        assert ours <= set(Settings.model_fields)
    assert any(volume.endswith(f":{shlex.split(looped[0])[1]}:ro") for volume in services["build"]["volumes"])


def test_the_database_in_its_container_may_do_as_little_as_a_managed_one(neo4j_settings: dict[str, str]) -> None:
    ours = neo4j_conf(
        bolt_port=7687,
        http_port=7474,
        read_only=False,
        page_cache_mb=1024,
        listen="127.0.0.1",
        advertised_bolt="127.0.0.1:7687",
        guide_origin="http://127.0.0.1:8000",
        seen_as=None,
        transaction_timeout_s=120,
    )
    known = {line.partition("=")[0] for line in ours.splitlines()}
    heap = {"server.memory.heap.initial_size", "server.memory.heap.max_size"}
    assert set(neo4j_settings) <= known | heap
    for name in known & set(neo4j_settings):
        if name.startswith(
            ("dbms.security.allow", "dbms.security.auth", "internal.", "dbms.usage", "client.", "browser.")
        ):
            assert neo4j_settings[name] == setting_in(ours, name), name
    policy = content_security_policy("127.0.0.1:7687", "http://127.0.0.1:8000")
    assert neo4j_settings["dbms.security.http_static_content_security_policy_header"] == policy
    must = {
        "dbms.security.allow_csv_import_from_file_urls",
        "internal.dbms.cypher_ip_blocklist",
        "dbms.usage_report.enabled",
    }
    assert must <= set(neo4j_settings)
    for name in (*heap, "server.memory.pagecache.size"):
        assert VARIABLE.fullmatch(neo4j_settings[name]), f"{name} comes from the environment"


def test_links_of_leads_lead_to_the_ports_that_are_published(compose: dict[str, Any]) -> None:
    from graphaudit.browser import BrowserAddress, address_of

    given = compose["services"]["api"]["environment"]
    browser = VARIABLE.sub(lambda variable: variable[3], given["GRAPHAUDIT_NEO4J_BROWSER"])
    address = address_of(given["GRAPHAUDIT_STORE"], browser)
    assert address == BrowserAddress("http://127.0.0.1:7474", "bolt://127.0.0.1:7687")
    published = {port.rpartition(":")[0] for port in compose["services"]["neo4j"]["ports"]}
    assert published == {address.http.removeprefix("http://"), address.bolt.removeprefix("bolt://")}

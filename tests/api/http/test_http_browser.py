"""What Neo4j Browser fetches: open to all, holding no data, told to pages of the Browser's origin only."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from graphaudit.browser import BrowserAddress, favourites, guide, lead_link, pack, style
from tests.api.http.conftest import Service, ServiceSettings

ADDRESS = BrowserAddress("http://127.0.0.1:7474", "bolt://127.0.0.1:7687")
OURS = "http://127.0.0.1:7474"
OTHERS = "http://elsewhere.example"
PATHS = ["guide.html", "guide.en.html", "style.grass", "favourites.zip"]

every_path = pytest.mark.parametrize("path", PATHS)


@pytest.fixture
def beside_neo4j(service: Service) -> Iterator[Service]:
    """The service, told that its graph is shown by a Neo4j Browser."""
    app = create_app(ServiceSettings("sqlite:unused"), service.registry, None, ADDRESS)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Service(client, service.registry, service.keys)


def test_the_guide_the_style_and_the_favourites_need_no_key(beside_neo4j: Service) -> None:
    base = "http://testserver"
    for path, content in {"guide.html": guide("zh", base), "guide.en.html": guide("en", base)}.items():
        answer = beside_neo4j.get(f"/v1/browser/{path}", key=None)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.text == content
    assert beside_neo4j.get("/v1/browser/style.grass", key=None).text == style()
    answer = beside_neo4j.get("/v1/browser/favourites.zip", key=None)
    assert answer.content == pack()
    assert answer.headers["content-disposition"] == 'attachment; filename="favourites.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert len(archive.namelist()) == len(favourites()) + 1


@every_path
@pytest.mark.parametrize("origin", [OURS, "http://localhost:7474"])
def test_a_page_of_the_browser_may_ask(beside_neo4j: Service, path: str, origin: str) -> None:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "cache-control,pragma",
    }
    preflight = beside_neo4j.client.options(f"/v1/browser/{path}", headers=asked)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == origin
    assert preflight.headers["access-control-allow-methods"] == "GET"
    allowed = {name.strip() for name in preflight.headers["access-control-allow-headers"].split(",")}
    assert allowed == {"cache-control", "pragma"}
    answer = beside_neo4j.get(f"/v1/browser/{path}", key=None, headers={"Origin": origin})
    assert answer.headers["access-control-allow-origin"] == origin
    assert "Origin" in answer.headers["vary"]
    assert "access-control-allow-credentials" not in answer.headers


@every_path
@pytest.mark.parametrize("origin", [OTHERS, "null", "http://127.0.0.1:7475", "https://127.0.0.1:7474", OURS + ".x.y"])
def test_a_page_of_another_origin_may_not(beside_neo4j: Service, path: str, origin: str, is_problem: Any) -> None:
    preflight = beside_neo4j.client.options(f"/v1/browser/{path}", headers={"Origin": origin})
    is_problem(preflight, 403, "forbidden")
    answer = beside_neo4j.get(f"/v1/browser/{path}", key=None, headers={"Origin": origin})
    for response in (preflight, answer):
        assert "access-control-allow-origin" not in response.headers


@every_path
def test_without_a_neo4j_no_page_of_another_origin_may_ask(service: Service, path: str) -> None:
    assert service.client.options(f"/v1/browser/{path}", headers={"Origin": OURS}).status_code == 403
    answer = service.get(f"/v1/browser/{path}", key=None, headers={"Origin": OURS})
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


def test_leads_say_nothing_to_pages_of_another_origin(beside_neo4j: Service) -> None:
    answer = beside_neo4j.get("/v1/leads", headers={"Origin": OURS})
    assert "access-control-allow-origin" not in answer.headers
    assert beside_neo4j.client.options("/v1/leads", headers={"Origin": OURS}).status_code == 405


def test_an_unknown_parameter_is_refused_here_too(beside_neo4j: Service, is_problem: Any) -> None:
    is_problem(beside_neo4j.get("/v1/browser/guide.html", key=None, lang="en"), 422, "invalid-parameter")


def test_a_lead_of_the_active_build_links_into_the_browser(beside_neo4j: Service, service: Service) -> None:
    link = lead_link(ADDRESS, "L-1")
    assert beside_neo4j.get("/v1/leads/L-1").json()["links"] == {"browser": link}
    listed = beside_neo4j.get("/v1/leads").json()["data"]
    assert [lead["links"]["browser"] for lead in listed] == [lead_link(ADDRESS, lead["id"]) for lead in listed]
    assert "links" not in service.get("/v1/leads/L-1").json()
    assert not any("links" in lead for lead in service.get("/v1/leads").json()["data"])


def test_a_lead_of_an_older_build_has_no_link(beside_neo4j: Service, leads_of: Any) -> None:
    from graphaudit.registry import BuildRecord

    beside_neo4j.registry.publish(
        BuildRecord("B2", "sha256:cd", {"leads": 9}, "0.1.0", "neo4j://graph.example", 7), leads_of("B2")
    )
    assert "links" not in beside_neo4j.get("/v1/leads/L-1", build_id="B1").json()
    assert "links" in beside_neo4j.get("/v1/leads/L-1").json()


def test_a_revealed_lead_keeps_pseudonyms_and_source_ids_out_of_its_link(service: Service) -> None:
    from tests.api.http.conftest import source_ids

    app = create_app(ServiceSettings("sqlite:unused"), service.registry, source_ids, ADDRESS)
    with TestClient(app) as client:
        told = Service(client, service.registry, service.keys)
        lead = told.get(
            "/v1/leads/L-1", "revealer", headers={"X-Reveal-Reason": "case%202026-17"}, reveal="true"
        ).json()
    assert any(member["id"].startswith("SRC-") for member in lead["members"])
    assert lead["links"]["browser"] == lead_link(ADDRESS, "L-1")

"""What surrounds a request: parameters that are refused, problems, headers, sizes, logs, OpenAPI."""

from __future__ import annotations

import logging

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.envelope import MAX_BODY_BYTES, MAX_QUERY_BYTES
from graphaudit.registry import BuildRecord, Registry, RegistryError

EVERY_PATH = ["/v1/leads", "/v1/leads/L-1", "/v1/builds", "/v1/builds/B1", "/openapi.json", "/livez", "/readyz"]


@pytest.fixture
def everything(service) -> str:
    """A key with every scope."""
    return service.registry.create_key("all", ["leads:read", "builds:read", "pii:read"])[1]


@pytest.mark.parametrize("path", EVERY_PATH)
def test_an_unknown_parameter_is_refused_by_every_address(service, everything, is_problem, path) -> None:
    assert service.get(path, key=everything).status_code == 200
    body = is_problem(service.get(path, key=everything, patern="insider"), 422, "invalid-parameter")
    assert [error["parameter"] for error in body["errors"]] == ["query.patern"]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=201", "limit=x", "limit=", "min_score=1.1", "min_score=-0.1", "min_score=nan", "q_max=inf",
        "pattern=fraud", "pattern=insider%27--", "status=guilty", "sort=score", "sort=rank%20DESC", "reveal=maybe",
        "site=%27%20OR%201%3D1", "site=", "site=" + "x" * 129, "site=%00", "build_id=..%2F..%2Fetc", "build_id=",
        "cursor=x", "cursor=%2E%2E", "cursor=" + "a" * 600 + ".b", "limit=5&limit=6", "site=H1&site=H0", "Limit=5",
    ],
)  # fmt: skip
def test_a_value_out_of_range_or_form_is_refused_without_being_repeated(service, is_problem, query) -> None:
    response = service.client.get(f"/v1/leads?{query}", headers={"Authorization": f"Bearer {service.keys['reader']}"})
    is_problem(response, 422, "invalid-parameter")
    assert "DESC" not in response.text
    assert "etc" not in response.text


@pytest.mark.parametrize("lead_id", ["1", "L-", "L-%27", "L-a%20b", "L-" + "x" * 70, "l-1", "L-1;DROP"])
def test_an_id_of_another_form_is_refused(service, is_problem, lead_id) -> None:
    is_problem(service.get(f"/v1/leads/{lead_id}"), 422, "invalid-parameter")


@pytest.mark.parametrize("build_id", ["..", "-1", "a b", "x" * 65, "B1%00"])
def test_a_build_id_of_another_form_is_refused(service, build_id) -> None:
    assert service.get(f"/v1/builds/{build_id}", key="builder").status_code in (404, 422)


@pytest.mark.parametrize("path", ["/", "/v1", "/v2/leads", "/docs", "/redoc", "/v1/leads/", "/v1/leads/L-1/x"])
def test_an_address_that_is_none_is_not_found(service, is_problem, path) -> None:
    is_problem(service.get(path), 404, "not-found")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method_is_not_allowed(service, is_problem, method) -> None:
    response = service.client.request(method, "/v1/leads")
    is_problem(response, 405, "method-not-allowed")
    assert response.headers["allow"] == "GET"


def test_an_unexpected_failure_is_a_problem_without_details_and_is_logged(
    service, is_problem, monkeypatch, caplog
) -> None:
    def fails(*_args, **_kwargs):
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr(service.registry, "active_build", fails)
    response = service.get("/v1/leads")
    body = is_problem(response, 500, "internal")
    assert "hunter2" not in response.text
    assert any(body["request_id"] in record.getMessage() and record.exc_info for record in caplog.records)


def test_a_registry_that_does_not_answer_is_unavailable_for_a_while(service, is_problem, monkeypatch) -> None:
    def fails(*_args, **_kwargs):
        raise RegistryError("the registry cannot be used: connection to db.internal refused")

    monkeypatch.setattr(service.registry, "active_build", fails)
    response = service.get("/v1/leads")
    is_problem(response, 503, "unavailable")
    assert "db.internal" not in response.text
    assert response.headers["retry-after"] == "5"
    monkeypatch.setattr(service.registry, "is_reachable", lambda: False)
    is_problem(service.get("/readyz", key=None), 503, "not-ready")
    assert service.get("/livez", key=None).status_code == 200


@pytest.mark.parametrize("path", ["/v1/leads", "/livez", "/nowhere", "/openapi.json"])
def test_every_answer_carries_the_security_headers(service, path) -> None:
    headers = service.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"].startswith("default-src 'none'; frame-ancestors 'none'")
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert "access-control-allow-origin" not in headers


def test_a_request_id_is_kept_when_it_is_one_and_made_otherwise(service) -> None:
    assert service.get("/livez", headers={"X-Request-ID": "abc-DEF.123"}).headers["x-request-id"] == "abc-DEF.123"
    for given in ("short", "x" * 65, "has space in it", "new%0aline-new"):
        made = service.get("/livez", headers={"X-Request-ID": given}).headers["x-request-id"]
        assert made != given
        assert len(made) == 32


def test_a_large_body_is_refused(service, is_problem) -> None:
    sent = {"Authorization": f"Bearer {service.keys['reader']}"}
    large = b"x" * (MAX_BODY_BYTES + 1)
    is_problem(service.client.request("POST", "/v1/leads", content=large, headers=sent), 413, "too-large")
    is_problem(service.client.request("GET", "/v1/leads", content=large, headers=sent), 413, "too-large")
    nonsense = sent | {"Content-Length": "many"}
    is_problem(service.client.request("GET", "/v1/leads", headers=nonsense), 400, "bad-request")


def test_a_long_address_is_refused(service, is_problem) -> None:
    is_problem(service.get("/v1/leads", site="x" * MAX_QUERY_BYTES), 414, "too-large")
    is_problem(service.get("/v1/leads/L-" + "x" * 2000), 414, "too-large")


def test_the_log_names_the_key_but_neither_the_key_itself_nor_what_was_asked(service, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    key = service.keys["revealer"]
    service.get("/v1/leads", key="revealer", person="P-3", reason="case number 4711")
    logged = "\n".join(
        record.getMessage() for record in caplog.records if record.name.startswith(("api", "graphaudit"))
    )
    assert "path=/v1/leads status=200" in logged
    assert key[3:15] in logged
    for secret in (key, key[16:], "P-3", "4711"):
        assert secret not in logged


def test_a_path_cannot_forge_a_log_line(service, caplog) -> None:
    caplog.set_level(logging.INFO)
    service.get("/v1/%0arequest%20method=GET%20status=200")
    assert all("\n" not in record.getMessage() for record in caplog.records if record.name == "api.envelope")


def test_the_description_lists_every_address_with_its_scheme_and_problems(service) -> None:
    document = service.get("/openapi.json").json()
    assert document["openapi"].startswith("3.")
    assert set(document["paths"]) == {
        "/v1/leads", "/v1/leads/{lead_id}", "/v1/builds", "/v1/builds/{build_id}", "/openapi.json", "/livez", "/readyz",
        "/v1/browser/guide.html", "/v1/browser/guide.en.html", "/v1/browser/style.grass", "/v1/browser/favourites.zip",
    }  # fmt: skip
    listed = document["paths"]["/v1/leads"]["get"]
    assert {name for scheme in listed["security"] for name in scheme} == {"HTTPBearer", "APIKeyHeader"}
    assert "security" not in document["paths"]["/livez"]["get"]
    for status in ("401", "403", "410", "422"):
        assert set(listed["responses"][status]["content"]) == {"application/problem+json"}
    names = {parameter["name"] for parameter in listed["parameters"]}
    assert {"pattern", "status", "min_score", "q_max", "site", "person", "sort", "limit", "cursor", "reveal"} <= names
    assert set(document["components"]["schemas"]["LeadOut"]["properties"]) == {
        "rank", "id", "build_id", "score", "q_value", "pattern", "title", "members", "amount", "priority", "period",
        "evidence", "benign_explanations", "would_clear", "legal_basis", "status", "contributions", "links",
    }  # fmt: skip
    assert set(document["paths"]["/v1/browser/guide.html"]) == {"get"}
    assert "security" not in document["paths"]["/v1/browser/guide.html"]["get"]
    assert "from" in document["components"]["schemas"]["PeriodOut"]["properties"]


def test_the_application_opens_its_own_registry_at_start_and_closes_it_at_the_end(tmp_path, leads_of) -> None:
    url = f"sqlite:{tmp_path / 'own.db'}"
    with Registry.open(url) as registry:
        registry.publish(BuildRecord("B1"), leads_of("B1"))
        key = registry.create_key("k", ["leads:read"])[1]

    class Settings:
        registry_url = url

    app = create_app(Settings())
    assert app.state.registry is None
    with TestClient(app) as client:
        assert client.get("/v1/leads", headers={"X-API-Key": key}).json()["count"] == 9
    assert app.state.registry is None


def test_a_registry_that_was_handed_in_stays_open(service) -> None:
    service.client.__exit__(None, None, None)
    assert service.registry.active_build().id == "B1"
    service.client.__enter__()

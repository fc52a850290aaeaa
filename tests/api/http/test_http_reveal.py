"""Source ids: for a scope and a reason, and never before the record of it is on disk."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from graphaudit.errors import NotFoundError
from graphaudit.registry import AuditEvent, RegistryError

REASON = "核查线索 L-1, case 2026-17"


def events(service, action: str) -> list[AuditEvent]:
    return [record.event for record in service.registry.audit_records() if record.event.action == action]


def people(lead: dict) -> list[str]:
    return [member["id"] for member in lead["members"] if member["type"] == "person"]


def test_without_asking_nobody_sees_a_source_id(service) -> None:
    for key in ("reader", "revealer"):
        assert people(service.get("/v1/leads/L-1", key=key).json()) == ["P-1"]
    assert events(service, "leads.reveal") == []


def test_a_reveal_shows_source_ids_and_is_on_record_with_everything_an_auditor_asks(service) -> None:
    response = service.get(
        "/v1/leads/L-1", key="revealer", reveal="true", reason=REASON, headers={"X-Request-ID": "request-0001"}
    )
    assert people(response.json()) == ["SRC-P-1"]
    [event] = events(service, "leads.reveal")
    [key] = [key.id for key in service.registry.keys() if key.name == "revealer"]  # noqa: SIM118
    assert event == AuditEvent(
        actor=f"key:{key}",
        action="leads.reveal",
        object_ids=("L-1",),
        fields=("members.person",),
        reason=REASON,
        result="done",
        build_id="B1",
        request_id="request-0001",
        client_ip="testclient",
    )
    assert service.registry.verify_audit().intact


def test_a_revealed_page_records_every_lead_on_it(service) -> None:
    response = service.get("/v1/leads", key="revealer", reveal="true", reason=REASON, limit=3)
    assert [people(lead) for lead in response.json()["data"]] == [["SRC-P-1"], ["SRC-P-2"], ["SRC-P-3"]]
    assert [event.object_ids for event in events(service, "leads.reveal")] == [("L-1", "L-2", "L-3")]


def test_pages_may_be_revealed_one_by_one(service) -> None:
    cursor = service.get("/v1/leads", key="revealer", limit=2).json()["next"]
    response = service.get("/v1/leads", key="revealer", limit=1, cursor=cursor, reveal="true", reason=REASON)
    assert [people(lead) for lead in response.json()["data"]] == [["SRC-P-3"]]


def test_a_reason_may_come_as_a_header_so_that_no_address_holds_it(service) -> None:
    sent = {"X-Reveal-Reason": quote(REASON)}
    response = service.get("/v1/leads/L-1", key="revealer", reveal="true", headers=sent)
    assert people(response.json()) == ["SRC-P-1"]
    assert [event.reason for event in events(service, "leads.reveal")] == [REASON]


@pytest.mark.parametrize("reason", [None, "", "abcd", "    a    ", "line\nbreak", "x" * 501])
@pytest.mark.parametrize("place", ["parameter", "header"])
def test_a_reveal_without_a_proper_reason_is_refused(service, is_problem, reason, place) -> None:
    parameters, headers = {}, {}
    if reason is not None and place == "parameter":
        parameters["reason"] = reason
    elif reason is not None:
        headers["X-Reveal-Reason"] = quote(reason)
    response = service.get("/v1/leads/L-1", key="revealer", reveal="true", headers=headers, **parameters)
    is_problem(response, 422, "invalid-parameter")
    assert events(service, "leads.reveal") == []


def test_a_reason_that_is_not_utf8_is_refused(service, is_problem) -> None:
    response = service.get(
        "/v1/leads/L-1", key="revealer", reveal="true", headers={"X-Reveal-Reason": "%ff%ff%ff%ff%ff"}
    )
    is_problem(response, 422, "invalid-parameter")


@pytest.mark.parametrize("path", ["/v1/leads", "/v1/leads/L-1"])
def test_a_key_without_the_scope_is_refused_and_the_attempt_is_on_record(service, is_problem, path) -> None:
    is_problem(service.get(path, key="reader", reveal="true", reason=REASON), 403, "forbidden")
    [event] = events(service, "leads.reveal")
    assert (event.result, event.fields) == ("denied", ())


def test_searching_for_a_person_needs_the_scope_and_a_reason_and_is_on_record(service, is_problem) -> None:
    is_problem(service.get("/v1/leads", key="reader", person="P-3"), 403, "forbidden")
    is_problem(service.get("/v1/leads", key="revealer", person="P-3"), 422, "invalid-parameter")
    response = service.get("/v1/leads", key="revealer", person="P-3", reason=REASON)
    assert [lead["rank"] for lead in response.json()["data"]] == [3]
    assert people(response.json()["data"][0]) == ["P-3"]
    denied, done = events(service, "leads.search_person")
    assert (denied.result, done.result, done.object_ids) == ("denied", "done", ("P-3", "L-3"))


def test_where_the_record_cannot_be_written_nothing_is_shown(service, is_problem, monkeypatch) -> None:
    def fails(_event: AuditEvent) -> None:
        raise RegistryError("disk full")

    monkeypatch.setattr(service.registry, "audit", fails)
    response = service.get("/v1/leads/L-1", key="revealer", reveal="true", reason=REASON)
    is_problem(response, 503, "unavailable")
    assert "SRC-" not in response.text


def test_a_server_without_access_to_source_ids_says_so(service, make_service, is_problem) -> None:
    is_problem(make_service(None).get("/v1/leads/L-1", reveal="true", reason=REASON), 501, "not-configured")


def test_identities_that_cannot_be_read_are_a_failure_on_record_without_details(
    service, make_service, is_problem
) -> None:
    def lost(_build_id, _leads):
        raise NotFoundError("the identities of B1 are no longer kept in /somewhere")

    response = make_service(lost).get("/v1/leads/L-1", reveal="true", reason=REASON)
    is_problem(response, 503, "unavailable")
    assert "/somewhere" not in response.text
    assert [(event.result, event.fields) for event in events(service, "leads.reveal")] == [("failed", ())]


def test_a_reveal_that_returns_other_leads_is_an_error_and_shows_nothing(service, make_service, is_problem) -> None:
    def confused(_build_id, leads):
        return [lead | {"id": "L-9"} for lead in leads]

    is_problem(make_service(confused).get("/v1/leads/L-1", reveal="true", reason=REASON), 500, "internal")


def test_revealing_a_lead_that_is_not_there_is_just_not_found(service, is_problem) -> None:
    is_problem(service.get("/v1/leads/L-77", key="revealer", reveal="true", reason=REASON), 404, "not-found")
    assert events(service, "leads.reveal") == []

"""The ranked list: filters, pages, and what a lead looks like on the wire."""

from __future__ import annotations

import pytest

from graphaudit.registry import BuildRecord

SUMMARY = {
    "rank", "id", "build_id", "score", "q_value", "pattern", "title", "members", "amount", "priority", "period",
    "status",
}  # fmt: skip


def ranks(response) -> list[int]:
    assert response.status_code == 200, response.text
    return [lead["rank"] for lead in response.json()["data"]]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ({"pattern": "insider"}, [7, 8, 9]),
        ({"status": "in_review"}, [2]),
        ({"status": "new"}, [1, 3, 4, 5, 6, 7, 8, 9]),
        ({"status": "cleared"}, []),
        ({"min_score": 0.6}, [1, 2, 3, 4]),
        ({"min_score": 1}, []),
        ({"q_max": 0.03}, [1, 2, 3]),
        ({"q_max": 0}, [1]),
        ({"site": "H0"}, [2, 4, 6, 8]),
        ({"site": "H9"}, []),
        ({"sort": "priority"}, [2, 5, 8, 1, 4, 7, 3, 6, 9]),
        ({"sort": "rank", "limit": 2}, [1, 2]),
        ({"site": "H1", "pattern": "inducement", "min_score": 0.5, "q_max": 0.05, "status": "new"}, [1, 3, 5]),
    ],
)
def test_each_filter_keeps_what_it_says(service, parameters, expected) -> None:
    response = service.get("/v1/leads", **parameters)
    assert ranks(response) == expected
    body = response.json()
    assert set(body) == {"build_id", "data", "count", "next"}
    assert body["build_id"] == "B1"
    if "limit" not in parameters:
        assert body["count"] == len(expected)
        assert body["next"] is None


def test_a_list_shows_the_lead_without_its_evidence_and_the_detail_shows_the_whole(service, leads_of) -> None:
    [first, *_] = service.get("/v1/leads").json()["data"]
    assert set(first) == SUMMARY
    published = leads_of("B1")[0]
    assert first == {name: published[name] for name in SUMMARY}
    assert service.get("/v1/leads/L-1").json() == published


def test_the_detail_shows_the_current_status(service) -> None:
    assert service.get("/v1/leads/L-2").json()["status"] == "in_review"


def test_an_evidence_without_signals_is_answered_with_none(service, leads_of) -> None:
    leads = leads_of("B2", 1)
    del leads[0]["evidence"][0]["signals"]
    service.registry.publish(BuildRecord("B2"), leads)
    assert service.get("/v1/leads/L-1").json()["evidence"][0]["signals"] == []


@pytest.mark.parametrize("sort", ["rank", "priority"])
@pytest.mark.parametrize("limit", [1, 2, 4, 9])
def test_following_next_gives_every_lead_once_and_in_order(service, sort, limit) -> None:
    whole = ranks(service.get("/v1/leads", sort=sort))
    seen, cursor = [], {}
    for _ in range(20):
        response = service.get("/v1/leads", sort=sort, limit=limit, **cursor)
        seen += ranks(response)
        assert response.json()["count"] == 9
        if response.json()["next"] is None:
            break
        cursor = {"cursor": response.json()["next"]}
    assert seen == whole


def test_a_page_sequence_never_mixes_two_builds(service, leads_of) -> None:
    first = service.get("/v1/leads", limit=4).json()
    service.registry.publish(BuildRecord("B2"), list(leads_of("B2", 3)))
    second = service.get("/v1/leads", limit=4, cursor=first["next"]).json()
    third = service.get("/v1/leads", limit=4, cursor=second["next"]).json()
    assert [page["build_id"] for page in (first, second, third)] == ["B1"] * 3
    data = first["data"] + second["data"] + third["data"]
    assert [lead["rank"] for lead in data] == list(range(1, 10))
    assert {lead["build_id"] for lead in data} == {"B1"}
    assert third["next"] is None
    fresh = service.get("/v1/leads").json()
    assert (fresh["build_id"], fresh["count"]) == ("B2", 3)


def test_a_lead_of_a_superseded_build_can_still_be_read_by_naming_the_build(service, leads_of, is_problem) -> None:
    service.registry.publish(BuildRecord("B2"), leads_of("B2", 3))
    is_problem(service.get("/v1/leads/L-9"), 404, "not-found")
    assert service.get("/v1/leads/L-9", build_id="B1").json()["build_id"] == "B1"
    assert service.get("/v1/leads", build_id="B1").json()["count"] == 9


def test_a_cursor_whose_build_was_removed_says_how_to_go_on(service, leads_of, is_problem) -> None:
    first = service.get("/v1/leads", limit=4).json()
    service.registry.publish(BuildRecord("B2"), leads_of("B2"))
    service.registry.remove_build("B1")
    body = is_problem(service.get("/v1/leads", limit=4, cursor=first["next"]), 410, "build-gone")
    assert "without a cursor" in body["next_step"]
    assert service.get("/v1/leads", limit=4).json()["build_id"] == "B2"


def test_the_page_size_may_change_within_a_sequence(service) -> None:
    first = service.get("/v1/leads", limit=2).json()
    assert ranks(service.get("/v1/leads", limit=7, cursor=first["next"])) == [3, 4, 5, 6, 7, 8, 9]


@pytest.mark.parametrize(
    "changed", [{"sort": "priority"}, {"pattern": "insider"}, {"min_score": 0.1}, {"build_id": "B2"}, {"site": "H1"}]
)
def test_a_cursor_with_other_filters_is_refused(service, is_problem, changed) -> None:
    first = service.get("/v1/leads", limit=2).json()
    body = is_problem(service.get("/v1/leads", limit=2, cursor=first["next"], **changed), 400, "cursor-invalid")
    assert body["next_step"]


@pytest.mark.parametrize("cursor", ["a.b", "WyJCMSIsMSwiIl0.AAAA", "eyJidWlsZF9pZCI6IkIxIn0.x"])
def test_a_made_up_cursor_is_refused(service, is_problem, cursor) -> None:
    is_problem(service.get("/v1/leads", cursor=cursor), 400, "cursor-invalid")


def test_an_altered_cursor_is_refused(service, is_problem) -> None:
    text = service.get("/v1/leads", limit=2).json()["next"]
    for place in range(0, len(text), 7):
        other = "A" if text[place] != "A" else "B"
        altered = text[:place] + other + text[place + 1 :]
        if text[place] != ".":
            is_problem(service.get("/v1/leads", limit=2, cursor=altered), 400, "cursor-invalid")


def test_a_cursor_stays_valid_when_the_service_restarts(service, make_service) -> None:
    cursor = service.get("/v1/leads", limit=2).json()["next"]
    assert ranks(make_service().get("/v1/leads", limit=2, cursor=cursor)) == [3, 4]


def test_a_lead_that_is_not_there_is_not_found(service, is_problem) -> None:
    is_problem(service.get("/v1/leads/L-none"), 404, "not-found")
    is_problem(service.get("/v1/leads/L-1", build_id="B9"), 404, "not-found")
    is_problem(service.get("/v1/leads", build_id="B9"), 404, "not-found")


def test_before_the_first_publication_the_list_says_so(make_service, is_problem) -> None:
    service = make_service()
    body = is_problem(service.get("/v1/leads"), 503, "not-ready")
    assert "graphaudit build" in body["next_step"]
    is_problem(service.get("/readyz", key=None), 503, "not-ready")
    is_problem(service.get("/v1/leads/L-1"), 404, "not-found")
    assert service.get("/livez", key=None).status_code == 200


def test_builds_are_listed_newest_first_without_the_place_of_the_graph(service, leads_of, is_problem) -> None:
    service.registry.publish(BuildRecord("B2"), leads_of("B2"))
    body = service.get("/v1/builds", key="builder").json()
    assert [(build["id"], build["state"]) for build in body["data"]] == [("B2", "published"), ("B1", "superseded")]
    assert body["count"] == 2
    assert [b["id"] for b in service.get("/v1/builds", key="builder", limit=1).json()["data"]] == ["B2"]
    one = service.get("/v1/builds/B1", key="builder")
    assert one.json()["counts"] == {"leads": 9}
    assert one.json()["source_fingerprint"] == "sha256:ab"
    assert "secret" not in one.text
    is_problem(service.get("/v1/builds/B9", key="builder"), 404, "not-found")

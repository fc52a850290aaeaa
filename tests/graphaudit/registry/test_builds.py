"""Publishing, going back and removing: readers see one build, whole."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from graphaudit.errors import BuildError, NotFoundError, SchemaError
from graphaudit.registry import BuildRecord, Registry


def test_a_new_registry_has_no_active_build(registry: Registry) -> None:
    assert registry.active_build() is None
    assert registry.builds() == []
    assert registry.settlements_of_previous() == {}


def test_publishing_flips_the_active_build_and_supersedes_the_one_before(registry: Registry, make_lead) -> None:
    registry.publish(BuildRecord("B1"), [make_lead("B1", 1, "L-1")])
    registry.publish(BuildRecord("B2"), [make_lead("B2", 1, "L-1")])
    assert registry.active_build().id == "B2"
    assert {build.id: build.state for build in registry.builds()} == {"B1": "superseded", "B2": "published"}


def test_a_build_record_comes_back_as_it_was_given(registry: Registry) -> None:
    created = datetime(2026, 7, 1, 12, 30, 15, 123456, tzinfo=UTC)
    build = BuildRecord("B1", "sha256:ab", {"settlements": 3, "中文": 1.5}, "0.1.0", "ladybug:graph", 7, created, "n")
    registry.publish(build, [])
    kept = registry.build("B1")
    assert (kept.source_fingerprint, kept.counts, kept.code_version) == ("sha256:ab", build.counts, "0.1.0")
    assert (kept.store_url, kept.seed, kept.created_at, kept.note) == ("ladybug:graph", 7, created, "n")
    assert kept.state == "published"
    assert kept.published_at is not None
    assert kept.published_at.tzinfo is not None


def test_a_build_without_leads_may_be_published(registry: Registry) -> None:
    registry.publish(BuildRecord("B1"), [])
    assert registry.count("B1") == 0
    assert registry.lead_page("B1") == []


def test_publishing_the_same_leads_again_changes_nothing(registry: Registry, make_lead) -> None:
    leads = [make_lead("B1", 1, "L-1"), make_lead("B1", 2, "L-2")]
    first = registry.publish(BuildRecord("B1"), leads)
    assert registry.publish(BuildRecord("B1"), leads) == first
    assert len(registry.audit_records()) == 1


def test_publishing_other_leads_under_a_published_id_is_refused(registry: Registry, make_lead) -> None:
    registry.publish(BuildRecord("B1"), [make_lead("B1", 1, "L-1")])
    with pytest.raises(BuildError):
        registry.publish(BuildRecord("B1"), [make_lead("B1", 1, "L-2")])
    assert [lead["id"] for lead in registry.lead_page("B1")] == ["L-1"]


def test_republishing_a_superseded_build_is_refused_and_points_to_rollback(registry: Registry, make_lead) -> None:
    leads = [make_lead("B1", 1, "L-1")]
    registry.publish(BuildRecord("B1"), leads)
    registry.publish(BuildRecord("B2"), [])
    with pytest.raises(BuildError, match="superseded"):
        registry.publish(BuildRecord("B1"), leads)
    assert registry.active_build().id == "B2"


def test_rollback_makes_the_earlier_build_active_again(registry: Registry, make_lead) -> None:
    registry.publish(BuildRecord("B1"), [make_lead("B1", 1, "L-1")])
    registry.publish(BuildRecord("B2"), [])
    assert registry.activate("B1").state == "published"
    assert registry.active_build().id == "B1"
    assert registry.lead("L-1")["build_id"] == "B1"
    registry.activate("B2")
    assert registry.active_build().id == "B2"


def test_a_build_that_was_never_published_cannot_be_activated(registry: Registry) -> None:
    registry.publish(BuildRecord("B1"), [])
    registry.record_failure(BuildRecord("B2"), "stage detect failed")
    with pytest.raises(BuildError):
        registry.activate("B2")
    with pytest.raises(NotFoundError):
        registry.activate("B3")
    assert registry.active_build().id == "B1"


def test_a_failed_build_leaves_the_old_one_serving_and_may_be_published_later(registry: Registry, make_lead) -> None:
    registry.publish(BuildRecord("B1"), [make_lead("B1", 1, "L-1")])
    registry.record_failure(BuildRecord("B2"), "stage detect failed at row 7")
    assert registry.active_build().id == "B1"
    assert registry.build("B2").note == "stage detect failed at row 7"
    registry.publish(BuildRecord("B2"), [make_lead("B2", 1, "L-1")])
    assert registry.active_build().id == "B2"
    assert registry.build("B2").note == ""


def test_a_published_build_cannot_be_recorded_as_failed(registry: Registry) -> None:
    registry.publish(BuildRecord("B1"), [])
    with pytest.raises(BuildError):
        registry.record_failure(BuildRecord("B1"), "too late")
    assert registry.build("B1").state == "published"


def test_removing_a_build_keeps_the_identity_and_state_of_its_leads(registry: Registry, make_lead) -> None:
    registry.publish(BuildRecord("B1"), [make_lead("B1", 1, "L-1")])
    registry.set_lead_status("L-1", "in_review", expected_version=0, actor="tester")
    registry.publish(BuildRecord("B2"), [])
    registry.remove_build("B1")
    with pytest.raises(NotFoundError):
        registry.lead_page("B1")
    registry.publish(BuildRecord("B3"), [make_lead("B3", 1, "L-1")])
    assert registry.lead("L-1")["status"] == "in_review"


def test_the_active_build_cannot_be_removed(registry: Registry) -> None:
    registry.publish(BuildRecord("B1"), [])
    with pytest.raises(BuildError):
        registry.remove_build("B1")
    with pytest.raises(NotFoundError):
        registry.remove_build("B9")


def test_a_refused_publish_leaves_no_trace(registry: Registry, make_lead) -> None:
    registry.publish(BuildRecord("B1"), [make_lead("B1", 1, "L-1")])
    broken = make_lead("B2", 2, "L-2")
    del broken["amount"]
    with pytest.raises(SchemaError):
        registry.publish(BuildRecord("B2"), [make_lead("B2", 1, "L-1"), broken])
    assert [build.id for build in registry.builds()] == ["B1"]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"rank": 2}, "rank"),
        ({"build_id": "B9"}, "another build"),
        ({"id": "7"}, "id"),
        ({"id": "L-'; DROP TABLE leads"}, "id"),
        ({"score": 1.2}, "score"),
        ({"score": float("nan")}, "score"),
        ({"q_value": -0.1}, "q_value"),
        ({"status": "guilty"}, "status"),
        ({"title": {"en": "only"}}, "title"),
        ({"members": []}, "members"),
        ({"members": [{"type": "dog", "id": "x", "role": "x", "strength": 1}]}, "members"),
        ({"period": {"from": "2026-13-01", "to": "2026-01-01"}}, "period"),
        ({"period": {"from": "20260101", "to": "2026-01-01"}}, "period"),
        ({"amount": {"fund": "1", "account": 0, "total": 0}}, "amount"),
        ({"evidence": []}, "evidence"),
        ({"legal_basis": "Order 735"}, "legal_basis"),
        ({"psn_name": "…"}, "psn_name"),
    ],
)
def test_a_lead_off_the_contract_is_refused_with_its_place(registry: Registry, make_lead, change, place) -> None:
    with pytest.raises(SchemaError, match=place):
        registry.publish(BuildRecord("B1"), [make_lead("B1", 1, "L-1") | change])


def test_the_value_that_is_wrong_is_not_repeated_in_the_message(registry: Registry, make_lead) -> None:
    with pytest.raises(SchemaError) as caught:
        registry.publish(BuildRecord("B1"), [make_lead("B1", 1, "L-1", status="330102199001011234")])
    assert "330102199001011234" not in str(caught.value)


def test_the_same_lead_twice_in_one_build_is_refused(registry: Registry, make_lead) -> None:
    with pytest.raises(SchemaError, match="twice"):
        registry.publish(BuildRecord("B1"), [make_lead("B1", 1, "L-1"), make_lead("B1", 2, "L-1")])

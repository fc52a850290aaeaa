"""One doctor's or agent's papers at one desk are found; windows for a disease or a hospital and agents are not."""

from __future__ import annotations

import pytest

from detectors.base import Skipped
from detectors.certified_grants import CertifiedForOneHandler
from tests.detectors.agency_town import shuffled
from tests.detectors.finding_reader import found, others, persons, signals
from tests.detectors.grants import granted
from tests.table_builder import as_given

DESKS = tuple(range(4))
DOCTORS = tuple(range(20))
RING = tuple(range(900, 912))
DISEASES = ("M039", "M016", "M046")


def grant(person, desk, doctor, *, seen=True, agent=None, disease="M039", day=None):
    """A registration by `desk` of what `doctor` certified, brought by `agent`; treated for it before if `seen`."""
    return {
        "person": person, "desk": desk, "doctor": doctor, "seen": seen, "agent": agent, "disease": disease,
        "day": 60 + person % 90 if day is None else day,
    }  # fmt: skip


def town():
    """Every doctor's patients go to every desk; two in five were not treated for the disease in the records."""
    people = [(n, (n * 7 + n // 20) % 4, n % 20) for n in range(320)]
    more = [
        {"seen": n % 5 > 1, "disease": DISEASES[n % 3], "agent": n % 50 if n % 9 == 0 else None} for n in range(320)
    ]
    return [grant(*who, **each) for who, each in zip(people, more, strict=True)]


def ring(**more):
    return [grant(person, 2, 33, seen=False, agent=70 if person % 2 else None, **more) for person in RING]


def built(grants, shuffle=as_given):
    return granted(grants, DESKS, shuffle, before=30)


def causes(finding):
    return {cause.cause: cause.weight for cause in finding.benign}


def test_one_doctors_certificates_at_one_desk_are_found_with_what_was_used():
    (finding,) = found(CertifiedForOneHandler(), built(ring() + town()))
    assert tuple(persons(finding)) == RING
    assert others(finding) == {("handler", 2, "handler"), ("doctor", 33, "doctor"), ("agent", 70, "agent")}
    assert signals(finding) == {"certified_for_one_handler", "brought_by_one_agent", "granted_unseen"}
    assert finding.p_value < 1e-6
    assert len(finding.settlements) == 2 * len(RING)


def test_the_usual_desks_of_a_town_are_none():
    assert found(CertifiedForOneHandler(), built(town())) == []


def test_a_window_that_registers_one_disease_is_none():
    window = [grant(500 + n, 3, n % 4, disease="N185") for n in range(40)]
    assert found(CertifiedForOneHandler(), built(window + town())) == []


def test_a_window_that_serves_one_hospital_is_none():
    # its two doctors certify for nobody else's desk
    window = [grant(500 + n, 1, 36 + n % 2, disease=DISEASES[n % 3]) for n in range(40)]
    assert found(CertifiedForOneHandler(), built(window + town())) == []


def test_an_office_of_one_handler_is_none():
    lone = [grant(each["person"], 0, each["doctor"], seen=each["seen"]) for each in ring() + town()]
    assert found(CertifiedForOneHandler(), built(lone)) == []


def test_a_village_agent_who_always_goes_to_one_desk_is_explained():
    village = [grant(700 + n, 1, 33, seen=True, agent=80) for n in range(14)]
    (finding,) = found(CertifiedForOneHandler(), built(village + town()))
    assert causes(finding)["registered_agent"] == pytest.approx(0.7)
    (ours,) = found(CertifiedForOneHandler(), built([{**each, "agent": 80} for each in ring()] + town()))
    assert causes(ours)["registered_agent"] < 0.1


def sold(agent=90, desk=3, n=14, **more):
    """One agent's papers at one desk, of many doctors."""
    return [grant(700 + p, desk, p % 20, agent=agent, **{"seen": False, **more}) for p in range(n)]


def test_one_agents_papers_without_visits_at_one_desk_are_found_whatever_the_doctor():
    (finding,) = found(CertifiedForOneHandler(), built(sold() + town()))
    assert persons(finding) == list(range(700, 714))
    assert others(finding) == {("handler", 3, "handler"), ("agent", 90, "agent")}
    assert signals(finding) == {"brought_to_one_handler", "granted_unseen"}
    assert causes(finding).get("registered_agent", 0.0) < 0.1


def test_an_agent_of_patients_who_goes_to_one_desk_is_explained():
    findings = found(CertifiedForOneHandler(), built(sold(seen=True) + town()))
    assert all(causes(finding)["registered_agent"] == pytest.approx(0.7) for finding in findings)


def test_who_is_not_represented_speaks_for_the_others_as_well():
    """Nobody who comes in person was treated before, all whom somebody else represents were: that is how it is here."""
    others = [{**each, "seen": each["agent"] is not None} for each in town()]
    (finding,) = found(CertifiedForOneHandler(), built(sold() + others))
    (unseen,) = [signal for signal in finding.signals if signal.name == "granted_unseen"]
    assert "14 without a visit for the disease before; 12.4" in unseen.detail.en
    assert unseen.value < 1.0


def test_an_agent_who_goes_to_every_desk_is_none():
    spread = [{**each, "desk": each["person"] % 4} for each in sold()]
    assert found(CertifiedForOneHandler(), built(spread + town())) == []


def test_a_few_patients_of_one_doctor_at_one_desk_are_none():
    assert found(CertifiedForOneHandler(), built(ring()[:3] + town())) == []


def test_what_was_granted_before_the_records_is_not_judged():
    with pytest.raises(Skipped):
        found(CertifiedForOneHandler(), built(ring(day=-50)))


def test_the_row_order_leaves_no_trace():
    expected = found(CertifiedForOneHandler(), built(ring() + town()))
    assert len(expected) == 1
    assert found(CertifiedForOneHandler(), built(ring() + town(), shuffle=shuffled)) == expected

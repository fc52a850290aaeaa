"""Buyers of far more than they can use at shared outlets are found; who has a reason for a large purchase is not."""

from __future__ import annotations

import numpy as np

from detectors.over_supply import OverSupply
from tests.detectors import medicine_town
from tests.detectors.finding_reader import found, numbered, persons, shuffled, signals, visit
from tests.detectors.medicine_town import SPAN, customers, with_lines

#: Medicines of which a pack lasts patients 36 days, 22 patients each.
DRUGS = tuple(f"D{n}" for n in range(14))
PATIENTS = 22
HOSPITALS = range(6)
OUTLETS = (20, 21, 22)
RING = tuple(range(8))


def buy(person, day, site, drug, packs=4.0, **more):
    return visit(person, day, 10, site, drug=drug, packs=packs, **{"diagnosis_code": "I10.x00", **more})


def courses():
    """Every patient of every medicine, one pack at a time at the hospital round the corner."""
    return [
        buy(1000 + PATIENTS * n + p, 2 + 36 * turn + p % 25, p % len(HOSPITALS), drug, packs=1.0)
        for n, drug in enumerate(DRUGS)
        for p in range(PATIENTS)
        for turn in range(5)
    ]


def own_life(people, times=6, seed=3):
    return medicine_town.own_life(people, len(HOSPITALS), times=times, seed=seed, diagnosis_code="J06.900")


def hoarders(people=range(5000, 5070), seed=4):
    """Persons who buy too much twice, each for reasons of his own: anywhere, any time."""
    random = np.random.default_rng(seed)
    places = (*HOSPITALS, *OUTLETS, *range(30, 50))
    return [
        buy(p, random.integers(SPAN), int(random.choice(places)), str(random.choice(DRUGS)))
        for p in people
        for _ in range(2)
    ]


def town():
    people = range(5000, 5070)
    return [*courses(), *hoarders(), *own_life(people), *customers(OUTLETS)]


def rounds(people=RING, seed=5, sites=OUTLETS, drugs=DRUGS[:3], days=range(2, SPAN), times=8, **more):
    """Everybody goes to the outlets on days of his own and takes several packs of one of the medicines."""
    random = np.random.default_rng(seed)
    return [
        buy(p, day, int(random.choice(sites)), str(random.choice(drugs)), **more)
        for p in people
        for day in sorted(random.choice(days, times, replace=False).tolist())
    ]


def built(city, rows, order=lambda rows: rows, prone=(), days_by_pack=None, **tables):
    packs = [row["packs"] for row in rows if "drug" in row]
    plain, lines = with_lines([{name: value for name, value in row.items() if name != "packs"} for row in rows])
    lines = [
        {**line, "quantity": n, "days": days_by_pack and int(n * days_by_pack)}
        for line, n in zip(lines, packs, strict=True)
    ]
    items = [{"item_code": drug, "name": drug, "is_drug": True, "resale_prone": True} for drug in prone]
    sites = [{"site_no": site, "kind": "pharmacy"} for site in OUTLETS]
    return city(order(numbered(plain)), lines=order(lines), items=items, sites=sites, **tables)


def test_buyers_of_more_than_they_can_use_at_common_outlets_are_found_by_packs_or_by_days(city):
    ring = rounds()
    for days_by_pack in (None, 28):
        (finding,) = found(
            OverSupply(), built(city, ring + own_life(RING) + town(), prone=DRUGS[:2], days_by_pack=days_by_pack)
        )
        assert set(persons(finding)) <= set(RING)
        assert len(persons(finding)) >= 6
        assert {member.role for member in finding.members if member.kind == "person"} == {"buyer"}
        assert (finding.pattern, finding.kind) == ("drug_resale", "over_supply")
        assert set(finding.settlements) <= set(range(len(ring)))
        assert signals(finding) >= {"over_supply", "beyond_use", "resale_prone"}
        assert finding.p_value < 1e-6


#: Why each of the look-alikes is no group: the words of the specification.
REASONS = ("long", "raised", "journey", "together", "family", "moved", "loyal", "returned", "planned", "patients")


def look_alikes():
    """Rows of the purchases by the reason for which their buyers are no group, and what registers know."""
    who = {name: range(100 * n, 100 * n + 8) for n, name in enumerate(REASONS, 1)}
    at = {name: tuple(range(50 + 3 * n, 53 + 3 * n)) for n, name in enumerate(REASONS)}
    rows = {
        # two packs last 72 days, and the patients return when these are used
        "long": [
            buy(p, p % 20 + 73 * turn, at["long"][(p + turn) % 3], drug, packs=2.0)
            for p in who["long"]
            for drug in DRUGS[:3]
            for turn in range(3)
        ],
        "raised": [
            buy(p, 3 + p % 20 + 36 * turn, p % len(HOSPITALS), DRUGS[0], packs=2.0)
            for p in who["raised"]
            for turn in range(5)
        ],
        "journey": [buy(p, 40 + p % 3, at["journey"][p % 3], drug) for p in who["journey"] for drug in DRUGS[:3]],
        "together": [
            buy(p, 9 + 20 * turn, at["together"][turn % 3], DRUGS[p % 3])
            for p in who["together"]
            for turn in range(8)
        ],
        "family": rounds(who["family"], seed=6, sites=at["family"]),
        "moved": [
            buy(p, 5 + p % 9 + 36 * turn - 12 * (turn > 2), (p % 6, at["moved"][0])[turn > 2], DRUGS[0], 1.0)
            for p in who["moved"]
            for turn in range(5)
        ],
        "loyal": rounds(who["loyal"], seed=7, sites=at["loyal"][:1], times=5)
        + [visit(p, 4 + 17 * n + p % 5, 9, at["loyal"][0]) for p in who["loyal"] for n in range(10)],
        "returned": rounds(who["returned"], seed=8, sites=at["returned"], refunded_fen=2_000),
        "planned": [
            buy(p, 3 + p % 20 + 25 * n, at["planned"][n % 3], drug, packs=2.0, kind="chronic")
            for p in who["planned"]
            for n, drug in enumerate(DRUGS[:6])
        ],
        # at common outlets and from one list, but no more than patients use
        "patients": rounds(who["patients"], seed=9, sites=at["patients"], packs=1.0, times=5),
    }  # fmt: skip
    homes = [{"person_no": p, "household_no": 70 + p % 3} for p in who["family"]]
    return who, rows, homes


def test_none_of_the_look_alikes_is_a_group(city):
    who, rows, homes = look_alikes()
    everybody = [p for people in who.values() for p in people if p not in who["loyal"]]
    bought = [row for name in REASONS for row in rows[name]]
    findings = found(OverSupply(), built(city, bought + own_life(everybody) + town(), persons=homes))
    named = {p for finding in findings for p in persons(finding)}
    assert {name for name, people in who.items() if named & set(people)} == set()


def test_the_same_purchases_without_the_reason_are_a_group(city):
    who, rows, _ = look_alikes()
    kept = [{name: value for name, value in row.items() if name != "refunded_fen"} for row in rows["returned"]]
    for name, purchases in (("family", rows["family"]), ("returned", kept)):
        (finding,) = found(OverSupply(), built(city, purchases + own_life(who[name]) + town()))
        assert set(persons(finding)) <= set(who[name])


def test_a_disease_whose_patients_all_take_more_makes_no_group_of_them(city):
    def patients(people, disease):
        return rounds(people, seed=11, packs=2.5, diagnosis_code=disease) + own_life(people) + town()

    many = range(300, 380)
    assert found(OverSupply(), built(city, patients(many, "E11.900"))) == []
    # the same purchases of a few, for the disease for which others take the medicine
    (finding,) = found(OverSupply(), built(city, patients(RING, "I10.x00")))
    assert set(persons(finding)) <= set(RING)
    (beyond,) = [signal for signal in finding.signals if signal.name == "beyond_use"]
    assert "peers of the same medicine, disease and age hold 1." in beyond.detail.en


def test_too_much_for_one_person_alone_is_no_group(city):
    assert found(OverSupply(), built(city, rounds(RING[:1], times=20) + own_life(RING[:1]) + town())) == []


def test_the_row_order_leaves_no_trace(city):
    rows = rounds() + own_life(RING) + town()
    expected = found(OverSupply(), built(city, rows))
    assert expected
    assert found(OverSupply(), built(city, rows, order=lambda rows: shuffled(rows, seed=2))) == expected


def test_without_rows_there_is_nothing_to_find(city):
    assert found(OverSupply(), city([])) == []

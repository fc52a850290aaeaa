"""Bills cut into pieces below a limit are found; prices, packages, days, deductibles and thrifty houses are not."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.fees_below_a_limit import FeesBelowALimit
from graphaudit.errors import ConfigurationError
from tests.detectors.finding_reader import found, held_by, moment, numbered, others, persons, shuffled, signals

HOSPITALS, SITE = range(5), 0
RING = tuple(range(8))
#: Yuan.
LIMIT, ODD_LIMIT, VISIT_LIMIT = 8_000, 7_317, 300


class Houses:
    """Services with bills of their own; numbers of settlements are their places in `rows`."""

    def __init__(self, seed=1):
        self.random = np.random.default_rng(seed)
        self.rows, self.lines = [], []

    def bill(self, person, day, yuan, site=SITE, *, nights=0, kind="inpatient", items=None):
        """One service over `yuan`; its bill has four items of twenty, or those given with their shares."""
        number = len(self.rows)
        held = items or {int(item): 0.25 for item in self.random.choice(20, 4, replace=False)}
        self.rows.append({
            "person_no": int(person), "site_no": site, "kind": kind, "at": moment(day, 9),
            "until": moment(day + nights, 9),
            "total_fen": round(100 * yuan), "fund_fen": 0,
        })  # fmt: skip
        self.lines += [
            {
                "line_id": f"L{number}-{item}", "settlement_no": number, "item_code": f"I{item}", "is_drug": False,
                "quantity": 1.0, "amount_fen": round(100 * yuan * share), "occurred_at": moment(day, 10),
            }
            for item, share in held.items()
        ]  # fmt: skip

    def below(self, limit):
        """An amount just below a limit."""
        return limit * self.random.uniform(0.965, 1.0)

    def city(self, build, order=lambda rows: rows):
        sites = [{"site_no": site, "level": "08"} for site in HOSPITALS]
        return build(order(numbered(self.rows)), derived=False, sites=sites, lines=order(self.lines))


def town(*, without=None, seed=1):
    """Stays and visits at every house; a third of the patients come back within days."""
    houses = Houses(seed)
    for site in HOSPITALS:
        for patient in range(0 if site == without else 70):
            person, day = 1000 * (site + 1) + patient, int(houses.random.integers(0, 150))
            for again in range(2 if patient % 3 == 0 else 1):
                houses.bill(person, day + 9 * again, houses.random.lognormal(np.log(6_500), 0.5), site, nights=5)
                houses.bill(
                    person, day + 20 + again, houses.random.lognormal(np.log(220), 0.5), site, kind="outpatient"
                )
    return houses


def ring(houses, limit=LIMIT, *, people=RING, pieces=4, gap=9, nights=5, **more):
    for person in people:
        for piece in range(pieces):
            houses.bill(person, 10 + person + gap * piece, houses.below(limit), nights=nights, **more)


def test_stays_cut_into_pieces_below_a_limit_that_nobody_told_are_found_row_by_row(city):
    houses = town()
    ring(houses)
    (finding,) = found(FeesBelowALimit(), houses.city(city))
    assert persons(finding) == list(RING)
    assert finding.settlements == held_by(houses.rows, RING)
    assert others(finding) == {("institution", SITE, "site")}
    assert (finding.pattern, finding.kind) == ("sham_stay", "fees_below_a_limit")
    assert signals(finding) >= {"fees_below_a_limit", "cut_below_a_limit", "heaped_below_a_limit"}
    cut = next(signal for signal in finding.signals if signal.name == "cut_below_a_limit")
    assert "8000 yuan" in cut.detail.en
    assert "8000元" in cut.detail.zh
    assert 0 < finding.p_value < 1e-2


def test_visits_of_one_day_and_the_next_below_a_limit_are_found_without_being_called_stays(city):
    houses = town()
    ring(houses, VISIT_LIMIT, gap=1, nights=0, kind="outpatient")
    (finding,) = found(FeesBelowALimit(), houses.city(city))
    assert persons(finding) == list(RING)
    assert finding.pattern == "unexplained"


def test_a_limit_that_is_not_round_is_found_where_settings_tell_it_or_houses_of_the_level_share_it(city):
    def odd():
        houses = town()
        ring(houses, ODD_LIMIT)
        return houses

    assert found(FeesBelowALimit(), odd().city(city)) == []
    (finding,) = found(FeesBelowALimit(), odd().city(city), limits_yuan=f"500, {ODD_LIMIT}")
    assert persons(finding) == list(RING)
    shared = odd()
    for site in (1, 2):
        for patient in range(10):
            shared.bill(90_000 + 100 * site + patient, 60, shared.below(ODD_LIMIT), site, nights=5)
    (finding,) = found(FeesBelowALimit(), shared.city(city))
    assert persons(finding) == list(RING)


LOOK_ALIKES = (
    "package",
    "same items",
    "by the day",
    "one price",
    "shared line",
    "check-ups",
    "thrifty",
    "apart",
    "few",
)


@pytest.mark.parametrize("kind", LOOK_ALIKES)
def test_look_alikes_are_no_finding(city, kind):
    houses = town()
    if kind == "package":
        # an operation that is most of the bill
        for person in RING:
            for piece in range(4):
                items = {100: 0.6, **{int(item): 0.2 for item in houses.random.choice(20, 2, replace=False)}}
                houses.bill(person, 10 + 9 * piece, houses.below(LIMIT), nights=5, items=items)
    elif kind == "same items":
        ring(houses, items=dict.fromkeys(range(5), 0.2))
    elif kind == "by the day":
        for person in RING:
            for piece in range(4):
                houses.bill(person, 10 + 9 * piece, 1_560 * 5, nights=5)
    elif kind == "one price":
        for person in RING:
            for piece in range(12):
                houses.bill(person, 10 + piece, 298, kind="outpatient")
    elif kind == "shared line":
        for site in HOSPITALS:
            ring(houses, people=[500 + 10 * site + person for person in RING], site=site)
    elif kind == "check-ups":
        for person in range(40):
            houses.bill(person, 30, 295, kind="outpatient")
            houses.bill(person, 31, 299, kind="outpatient")
    elif kind == "thrifty":
        # whoever comes to this house, once or twice, is kept below
        houses = town(without=SITE)
        for person in range(70):
            for again in range(2 if person % 3 == 0 else 1):
                houses.bill(person, person + 9 * again, houses.below(LIMIT), nights=5)
    elif kind == "apart":
        ring(houses, gap=40)
    else:
        ring(houses, people=RING[:3], pieces=8)
    assert found(FeesBelowALimit(), houses.city(city)) == []


@pytest.mark.parametrize("text", ["a lot", "300, -5", "0"])
def test_a_limit_that_is_no_amount_is_refused(city, text):
    with pytest.raises(ConfigurationError, match="limits_yuan takes amounts"):
        found(FeesBelowALimit(), Houses().city(city), limits_yuan=text)


def test_a_city_without_services_gives_nothing(city):
    assert found(FeesBelowALimit(), Houses().city(city)) == []


def test_the_row_order_leaves_no_trace_and_nothing_stays_in_the_tables(city):
    houses = town()
    ring(houses)
    expected = found(FeesBelowALimit(), houses.city(city))
    assert len(expected) == 1
    tables = houses.city(city, shuffled)
    before = tables.execute("SELECT table_name FROM duckdb_tables() ORDER BY ALL").fetchall()
    assert found(FeesBelowALimit(), tables) == expected
    assert tables.execute("SELECT table_name FROM duckdb_tables() ORDER BY ALL").fetchall() == before

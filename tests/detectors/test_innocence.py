"""The explanation contest: each innocent cause is nearest to the group that it explains, by data that shows it."""

from __future__ import annotations

import inspect
import re
from datetime import datetime

import pytest

from detectors import innocence
from detectors.content import measure
from detectors.covisit import VISITS
from detectors.groups import Gathering
from detectors.innocence import explain
from graphaudit.leads.clearing import CLEARED_BY
from tests.detectors.finding_reader import moment, visit

MEMBERS = range(8)
IRREGULAR = (3, 17, 29, 58, 71, 94, 113, 131)
#: Days whose last digit in the month is 5 or 0, at no equal distance.
MARKET = (4, 14, 19, 35, 45, 55, 63, 78)


def gathered(days, **more):
    return [visit(p, day, 10 + p / 60, 0, **more) for day in days for p in MEMBERS]


def others(days, number, first=100, hour=8.0):
    """Others who settle at the same site, each once on each of `days`, through the day."""
    return [visit(first + n, day, hour + 8 * n / number, 0) for day in days for n in range(number)]


def nearest(connection):
    """The causes of the group of all MEMBERS, nearest first."""
    with Gathering.of(connection, VISITS) as gathering:
        gathering.settle([list(MEMBERS)])
        groups = gathering.groups()
        return explain(gathering, groups, measure(gathering))[0]


def named(connection):
    return nearest(connection)[0].cause


QUIET = others(range(0, 150, 2), 3)


def test_nothing_explains_strangers_on_irregular_days(city):
    causes = nearest(city(gathered(IRREGULAR) + QUIET))
    assert [cause.cause for cause in causes if cause.weight > 0.35] == []


@pytest.mark.parametrize(
    ("cause", "days"),
    [
        ("regular_timetable", tuple(range(2, 170, 7))),
        ("refill_calendar", tuple(range(2, 170, 28))),
        ("market_day", MARKET),
        ("check_up_day", (40, 41)),
    ],
)
def test_the_dates_alone_show_a_calendar(city, cause, days):
    assert named(city(gathered(days) + QUIET)) == cause


@pytest.mark.parametrize(
    ("cause", "person"),
    [
        ("nursing_home_or_shared_address", {"address_no": 3}),
        ("employer_or_school", {"employer_no": 4}),
        ("informal_agent", {"phone_no": 5}),
    ],
)
def test_what_members_share_shows_what_unites_them(city, cause, person):
    rows = [row | {"total_fen": 5000 * (1 + row["person_no"])} for row in gathered(IRREGULAR)]
    assert named(city(rows + QUIET, persons=[{"person_no": p, **person} for p in MEMBERS])) == cause


def test_relatives_show_as_households(city):
    homes = [{"person_no": p, "household_no": p % 3} for p in MEMBERS]
    assert named(city(gathered(IRREGULAR) + QUIET, persons=homes)) == "household"


def registered(**more):
    return [{"registration_id": f"R{p}", "person_no": p, "kind": "chronic_disease", **more} for p in MEMBERS]


def test_a_registered_agent_shows(city):
    assert named(city(gathered(IRREGULAR) + QUIET, registrations=registered(agent_no=2))) == "registered_agent"


def test_visits_under_a_registered_plan_show(city):
    rows = gathered(IRREGULAR, kind="chronic")
    assert named(city(rows + QUIET, registrations=registered())) == "registered_treatment_plan"


def test_a_day_of_the_register_shows(city):
    dates = [datetime.fromisoformat(moment(day)).date() for day in IRREGULAR]
    entries = [
        {"entry_no": n, "kind": "member_day", "site_no": 0, "from_on": on, "until_on": on} for n, on in enumerate(dates)
    ]
    assert named(city(gathered(IRREGULAR) + QUIET, benign_register=entries)) == "registered_event"


def test_a_member_day_that_nobody_registered_shows_in_the_others_custom(city):
    crowd = others(IRREGULAR, 12, first=200)
    assert named(city(gathered(IRREGULAR) + QUIET + crowd)) == "busy_day_of_the_site"


def test_a_site_that_writes_a_day_under_one_minute_shows_its_feed(city):
    batch = [visit(300 + n, day, 10.0, 0) for day in IRREGULAR for n in range(12)]
    always = [visit(400 + n, day, 9.0, 0) for day in range(0, 150, 2) for n in range(12)]
    assert named(city(gathered(IRREGULAR) + batch + always)) == "feed_fault_of_the_site"


def test_a_site_that_uploads_several_days_under_one_date_shows_its_feed(city):
    blank = {day - back for day in IRREGULAR for back in (1, 2)}
    daily = [day for day in range(150) if day not in blank and day not in IRREGULAR]
    assert named(city(gathered(IRREGULAR) + others(daily, 3) + others(IRREGULAR, 9))) == "feed_fault_of_the_site"


def test_companions_show_by_buying_the_same(city):
    rows = gathered(IRREGULAR)
    items = [
        {
            "line_id": f"L{n}", "settlement_no": n, "item_code": f"same{row['at'][:10]}", "is_drug": True,
            "quantity": 1.0, "amount_fen": 100, "source_file": "f", "source_line": n,
        }
        for n, row in enumerate(rows)
    ]  # fmt: skip
    assert named(city(rows + QUIET, lines=items)) == "companions"


def medicines(rows, item):
    return [
        {
            "line_id": f"L{n}", "settlement_no": n, "item_code": item(n, row), "is_drug": True,
            "quantity": 1.0, "amount_fen": 100, "source_file": "f", "source_line": n,
        }
        for n, row in enumerate(rows)
    ]  # fmt: skip


@pytest.mark.parametrize("each_time", [True, False])
def test_companions_buy_alike_each_time_and_gathered_cards_from_one_list(city, each_time):
    """Two of three take something of their own; what is alike is another thing each day, or of one list."""
    rows = gathered(IRREGULAR)

    def taken(n, row):
        if (row["person_no"] + n // 8) % 3:
            return f"own{n}"
        return f"day{row['at'][:10]}" if each_time else f"list{row['person_no'] % 2}"

    weight = {cause.cause: cause.weight for cause in nearest(city(rows + QUIET, lines=medicines(rows, taken)))}
    assert (weight.get("companions", 0.0) > 0.5) == each_time


def test_acquaintances_who_fetch_medicines_of_their_own_show_by_coming_back_for_them(city):
    rows = gathered(IRREGULAR)
    own = medicines(rows, lambda n, row: f"own{row['person_no']}")
    assert named(city(rows + QUIET, lines=own)) == "own_medicines"


def test_goods_from_one_list_that_fall_on_any_card_are_nobodys_own(city):
    rows = gathered(IRREGULAR)
    listed = medicines(rows, lambda n, row: f"listed{(7 * n + n // 5) % 9}")
    assert "own_medicines" not in {cause.cause for cause in nearest(city(rows + QUIET, lines=listed))}


def test_an_errand_for_dear_foreign_drugs_is_no_errand(city):
    phones = [{"person_no": p, "phone_no": 5} for p in MEMBERS]
    own = [visit(p, 150 + 3 * n, 9.0 + p / 8, 1) for p in MEMBERS for n in range(6)]
    dear = nearest(city(gathered(IRREGULAR, total_fen=60000) + own + QUIET, persons=phones))
    weights = {cause.cause: cause.weight for cause in dear}
    assert weights["informal_agent"] < 0.5


def test_every_cause_says_what_would_show_it():
    causes = set(re.findall(r'BenignCause\(\s*"([a-z_]+)"', inspect.getsource(innocence))) | innocence.CALENDAR_CAUSES
    assert len(causes) > 12
    assert causes <= set(CLEARED_BY)
    for text in CLEARED_BY.values():
        assert text.zh.endswith("。")
        assert text.en.endswith(".")

"""Medicines of one's own: bought again, different from the others', also without them; not what one list deals out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graphaudit.findings import Finding, Member, Signal, Text
from graphaudit.leads.fuse import fuse
from graphaudit.leads.own_medicines import of_leads
from tests.table_builder import tables_of

SAID = Text("说明", "said")
PEOPLE, MEETINGS = range(5), (10, 20, 31, 39, 52, 60)


def bought(person, day, item, site=0):
    return {"person_no": person, "day": day, "site_no": site, "items": [item]}


def meetings(item):
    """Everybody at the first site on the days of MEETINGS; `item` names what a person takes there at the n-th."""
    return [bought(p, day, item(p, n)) for n, day in enumerate(MEETINGS) for p in PEOPLE]


def cause(rows, pattern="hoarded_cards", beyond_age=()):
    """The cause for a lead on the meetings of `rows`, the whole of them being its settlements.

    A second finding tells of the persons `beyond_age` that the medicines are for somebody older.
    """
    lines = [
        {"line_id": f"L{no}-{item}", "settlement_no": no, "item_code": item, "is_drug": True}
        for no, row in enumerate(rows)
        for item in row["items"]
    ]
    plain = [{name: value for name, value in row.items() if name != "items"} for row in rows]
    people = [{"person_no": p} for p in PEOPLE]
    tables = tables_of({"settlements": plain, "lines": lines, "persons": people, "sites": [{}, {}]})
    finding = Finding(
        detector="d",
        pattern=pattern,
        kind="k",
        members=tuple(Member("person", p, "card_holder") for p in PEOPLE),
        settlements=tuple(no for no, row in enumerate(rows) if row["site_no"] == 0),
        signals=(Signal("s", 5.0, 1.0, SAID),),
        text=SAID,
    )
    older = replace(
        finding,
        detector="o",
        kind="care_beyond_age",
        members=tuple(Member("person", p, "card_owner") for p in beyond_age),
    )
    return of_leads(tables, fuse([finding, older] if beyond_age else [finding])).get(0)


def test_everybody_coming_back_for_other_medicines_takes_them():
    found = cause(meetings(lambda p, n: f"own{p}"))
    assert found.cause == "own_medicines"
    assert found.weight > 0.6
    assert "再次购买" in found.text.zh


def test_what_hardly_anybody_so_young_takes_is_not_their_own():
    rows = meetings(lambda p, n: f"own{p}")
    assert cause(rows, beyond_age=PEOPLE).weight == 0.0
    assert cause(rows, beyond_age=PEOPLE[:2]).weight == pytest.approx(0.6 * cause(rows).weight)


def test_what_one_list_deals_out_is_nobodys_own():
    assert cause(meetings(lambda p, n: f"listed{(p + n) % 6}")).weight == 0.0


def test_what_is_also_bought_without_the_others_is_ones_own():
    # each time something else, so that nothing comes back at the meetings; half of it is what one buys alone as well
    rows = meetings(lambda p, n: f"{p}-{n}")
    alone = [bought(p, 100 + 3 * p + 20 * n, f"{p}-{n}", site=1) for p in PEOPLE for n in (0, 2, 4)]
    assert cause(rows).weight == 0.0
    found = cause(rows + alone)
    assert found.weight > 0.4


def test_what_everybody_buys_alone_is_nobodys_own():
    rows = meetings(lambda p, n: f"common{n % 2}")
    alone = [bought(p, 100 + 3 * p + 20 * n, f"common{n % 2}", site=1) for p in PEOPLE for n in range(4)]
    assert cause(rows + alone).weight == 0.0


@pytest.mark.parametrize("pattern", ["insider", "inducement"])
def test_nothing_is_said_of_leads_that_are_not_about_purchases(pattern):
    assert cause(meetings(lambda p, n: f"own{p}"), pattern) is None


def test_no_temporary_table_is_left_behind():
    tables = tables_of({"settlements": [], "persons": []})
    assert of_leads(tables, []) == {}
    left = tables.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE table_name IN ('inside', 'group_members')"
    ).fetchone()
    assert left == (0,)


def test_what_everybody_takes_is_nobodys_own():
    # each comes back for the same three, but so do the others
    rows = meetings(lambda p, n: f"listed{n % 3}")
    assert cause(rows).weight == 0.0
    # less than half is a medicine of one's own, and the rest what all buy
    some = cause(meetings(lambda p, n: f"own{p}" if n < 2 + (p % 2 == 0) else "listed"))
    most = cause(meetings(lambda p, n: f"own{p}"))
    assert 0.0 < some.weight < most.weight

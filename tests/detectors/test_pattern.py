"""A pattern detector turns ids into findings: looked up, counted in the tables, weighed against the registers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pytest

from detectors.base import effective
from detectors.pattern import COUNTED_NAMES, PatternDetector
from detectors.pattern_measures import Measured, measure
from detectors.pattern_rows import Candidate
from graphaudit.builds.view import BuildView
from graphaudit.errors import QueryError
from graphaudit.findings import Finding, Member, Text
from graphaudit.queries import parse
from graphaudit.query_spec import COUNTED, TESTED, WEIGHED
from tests.table_builder import tables_of

QUERY = """\
// id: probe
// version: 1
// pattern: insider
// kind: probe
// title.zh: 试验
// title.en: A probe
// status: trial
// question.zh: 谁？
// question.en: Who?
// param least_households: int = 2 -- a family is one
// param most_persons: int = 9 -- larger ones are offices
// param asked: int = 1 -- goes into the query
// returns site_ids as site
// returns handler_id as handler
// returns person_ids as claimant
// returns helper_person_ids as helper
// returns bank_account_ids as payee
// returns settlement_ids as evidence
// keep households >= least_households -- a family is one
// keep persons <= most_persons -- larger ones are offices
// signal persons = 2.0 -- a doubling
// signal SERVES = 1.5 -- as tested
// text.zh: {persons}人{households}户{settlements}笔{days}天{span_days}天{sites}处{bank_accounts}户头{phones}{cards}
// text.en: {persons} persons, {households} households, {settlements} settlements
// clears.zh: 证明
// clears.en: a proof
// weighs: household, employer
// benign.zh: 一家人
// benign.en: a family
// misses.zh: 现金
// misses.en: cash
// legal: Order 735 art. 37
// needs: manual_cases

MATCH (p:Person) WHERE $asked > 0
RETURN 0 AS site_ids, 0 AS handler_id, 0 AS person_ids, 0 AS helper_person_ids, 0 AS bank_account_ids,
       0 AS settlement_ids
"""
DETECTOR = PatternDetector(parse(QUERY, "probe.cypher"))
DAY = datetime(2026, 3, 2, 9)


class Answers:
    """A graph that answers every query with the same rows and remembers what it was asked."""

    capabilities = frozenset[str]()

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        empty = {returned.alias: [] if returned.is_list else None for returned in DETECTOR.query.returns}
        self.rows = [empty | dict(row) for row in rows]
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def run(self, text: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        self.asked.append((text, dict(parameters)))
        return self.rows


def town(persons: Sequence[Mapping[str, Any]] = ({},) * 6, **more: Any) -> duckdb.DuckDBPyConnection:
    """Six persons with a settlement each on every third day, two sites, two handlers, two accounts."""
    return tables_of(
        {
            "persons": persons,
            "sites": [{"kind": "institution"}, {"kind": "pharmacy"}],
            "handlers": [{}, {}],
            "identifiers": [{"kind": "bank_account", "no": n, "id": f"B{n}", "persons": 1} for n in range(2)],
            "settlements": [
                {"person_no": n, "site_no": n % 2, "settled_at": DAY + timedelta(days=3 * n)} for n in range(6)
            ],
            **more,
        }
    )


def found(rows: Sequence[Mapping[str, Any]], tables: duckdb.DuckDBPyConnection, **params: Any) -> list[Finding]:
    view = BuildView("B", tables, Answers(rows), frozenset())  # type: ignore[arg-type]
    return list(DETECTOR.find(view, effective(DETECTOR.spec.params, params)))


def test_a_row_becomes_a_finding_with_members_by_number_and_counts_from_the_tables() -> None:
    row = {
        "handler_id": "H1",
        "site_ids": ["X1", "X0"],
        "person_ids": ["P2", "P0"],
        "bank_account_ids": ["B1"],
        "settlement_ids": ["S2", "S0"],
    }
    (finding,) = found([row], town())
    assert (finding.detector, finding.pattern, finding.kind, finding.p_value) == ("probe", "insider", "probe", None)
    assert finding.members == (
        Member("bank_account", 1, "payee"),
        Member("handler", 1, "handler"),
        Member("institution", 0, "site"),
        Member("person", 0, "claimant"),
        Member("person", 2, "claimant"),
        Member("pharmacy", 1, "site"),
    )
    assert finding.settlements == (0, 2)
    assert finding.values == {
        "persons": 2, "households": 2, "settlements": 2, "days": 2, "span_days": 7, "sites": 1, "bank_accounts": 1,
    }  # fmt: skip
    assert finding.text == Text("2人2户2笔2天7天1处1户头00", "2 persons, 2 households, 2 settlements")
    assert (finding.would_clear, finding.legal_basis) == (Text("证明", "a proof"), ("Order 735 art. 37",))


def test_only_parameters_of_the_query_travel_to_the_store() -> None:
    answers = Answers([])
    view = BuildView("B", town(), answers, frozenset())  # type: ignore[arg-type]
    assert list(DETECTOR.find(view, effective(DETECTOR.spec.params, {"asked": 4}))) == []
    assert answers.asked == [(DETECTOR.query.body, {"asked": 4})]


def test_signals_grow_with_every_doubling() -> None:
    serves = [{"handler_no": 1, "person_no": n, "n": 2, "person_cases": 2, "llr": 4.0} for n in range(4)]
    row = {"handler_id": "H1", "person_ids": [f"P{n}" for n in range(4)], "settlement_ids": ["S0"]}
    (finding,) = found([row], town(serves=serves))
    assert [(s.name, s.value, s.weight) for s in finding.signals] == [
        ("probe.persons", 2.0, 2.0),
        ("probe.serves", math.log2(16.0), 1.5),
    ]
    assert finding.signals[0].detail == Text("4名参保人", "4 insured persons")
    (alone,) = found([row], town())
    assert alone.signals[1].value == 0.0


def test_relationships_of_others_do_not_count() -> None:
    serves = [
        {"handler_no": handler, "person_no": person, "n": 2, "person_cases": 2, "llr": 8.0}
        for handler, person in ((0, 0), (1, 5), (1, 1))
    ]
    row = {"handler_id": "H1", "person_ids": ["P0", "P1"], "settlement_ids": ["S0"]}
    (finding,) = found([row], town(serves=serves))
    assert finding.signals[1].value == 3.0


def test_a_finding_is_kept_only_within_its_bounds() -> None:
    row = {"person_ids": [f"P{n}" for n in range(4)], "settlement_ids": ["S0"]}
    assert len(found([row], town(), least_households=4, most_persons=4)) == 1
    assert found([row], town(), least_households=5) == []
    assert found([row], town(), most_persons=3) == []
    family = [{"household_no": 1}] * 4 + [{}, {}]
    assert found([row], town(family)) == []


@pytest.mark.parametrize("shared", [{"household_no": 3}, {"probable_household_no": 3}])
def test_a_household_known_or_probable_counts_once(shared: dict[str, int]) -> None:
    row = {"person_ids": ["P0", "P1", "P2"], "settlement_ids": ["S0"]}
    (finding,) = found([row], town([shared, shared, {}, {}, {}, {}]))
    assert (finding.values["persons"], finding.values["households"]) == (3, 2)
    assert [(cause.cause, round(cause.weight, 3)) for cause in finding.benign] == [("household", 0.333)]


def test_only_causes_that_the_header_names_are_weighed() -> None:
    alike = [{"employer_no": 1, "address_no": 2}] * 6
    row = {"person_ids": ["P0", "P1", "P2"], "settlement_ids": ["S0"]}
    (finding,) = found([row], town(alike, employers=[{}, {}]))
    assert [cause.cause for cause in finding.benign] == ["employer_or_school"]


def test_rows_without_members_or_with_nulls_make_nothing_up() -> None:
    assert found([{}, {"person_ids": [None], "settlement_ids": ["S0"]}], town()) == []
    (finding,) = found([{"handler_id": None, "person_ids": ["P0", None, "P1"], "settlement_ids": [None, "S1"]}], town())
    assert ([member.no for member in finding.members], finding.settlements) == ([0, 1], (1,))


def test_a_row_without_settlements_counts_none() -> None:
    (finding,) = found([{"person_ids": ["P0", "P1"]}], town())
    assert finding.settlements == ()
    assert finding.values == {"persons": 2, "households": 2}


def test_somebody_in_two_roles_is_one_member() -> None:
    (finding,) = found([{"person_ids": ["P0", "P1"], "helper_person_ids": ["P1", "P2"]}], town())
    assert finding.members == (
        Member("person", 0, "claimant"), Member("person", 1, "claimant"), Member("person", 2, "helper"),
    )  # fmt: skip


def test_equal_rows_are_one_finding_and_findings_come_in_the_order_of_their_members() -> None:
    rows = [{"person_ids": [f"P{a}", f"P{b}"], "settlement_ids": ["S1"]} for a, b in ((3, 4), (0, 5), (4, 3), (0, 1))]
    findings = found(rows, town())
    assert [[m.no for m in finding.members] for finding in findings] == [[0, 1], [0, 5], [3, 4]]


def test_an_id_that_the_tables_do_not_know_is_an_error_that_does_not_show_it() -> None:
    with pytest.raises(QueryError, match="probe: the tables know no person among 1 ids") as caught:
        found([{"person_ids": ["P0", "P-secret"]}], town())
    assert "secret" not in str(caught.value)


def test_nothing_of_a_detector_stays_behind_in_the_tables() -> None:
    tables = town()
    before = tables.execute("SELECT table_name FROM duckdb_tables() UNION ALL SELECT view_name FROM duckdb_views()")
    names = sorted(before.fetchall())
    found([{"handler_id": "H1", "person_ids": ["P0", "P1"], "settlement_ids": ["S0"]}], tables)
    with pytest.raises(QueryError):
        found([{"person_ids": ["nobody"]}], tables)
    after = tables.execute("SELECT table_name FROM duckdb_tables() UNION ALL SELECT view_name FROM duckdb_views()")
    assert sorted(after.fetchall()) == names


# ---- measures --------------------------------------------------------------------------------------------


def candidate(*persons: int, settlements: Sequence[int] = (), **others: Sequence[int]) -> Candidate:
    members = [Member("person", no, "x") for no in persons]
    members += [Member(kind, no, "y") for kind, numbers in others.items() for no in numbers]  # type: ignore[arg-type]
    return Candidate(tuple(sorted(members)), tuple(settlements))


def test_every_measure_that_a_header_may_name_is_counted_and_has_words() -> None:
    (measured,) = measure(town(), [candidate(0, 1)])
    assert set(measured.counts) == set(COUNTED) == set(COUNTED_NAMES)
    assert all("{n}" in text.zh and "{n}" in text.en for text in COUNTED_NAMES.values())


def test_candidates_are_measured_each_for_itself_and_in_their_order() -> None:
    first, second = measure(
        town(),
        [
            candidate(0, 1, 2, settlements=(0, 2, 4), card=(1, 2), phone=(5,)),
            candidate(3, settlements=(1,), bank_account=(0, 1)),
        ],
    )
    assert first.counts == {
        "settlements": 3, "persons": 3, "households": 3, "days": 3, "span_days": 13, "sites": 1, "cards": 2,
        "bank_accounts": 0, "phones": 1, "invoices": 0, "key_kinds": 0, "key_rarity": 0, "households_beyond_a_key": 0,
    }  # fmt: skip
    assert (second.counts["settlements"], second.counts["persons"], second.counts["bank_accounts"]) == (1, 1, 2)


def test_shared_keys_are_counted_by_kind_and_told_by_how_few_of_their_kind_join_households() -> None:
    # an account of 0 and 1, an invoice of 1 and 2, one of 3 and 4 of one home; 5 has an account like twenty others
    keys = [(7, None), (7, "N-1"), (8, "N-1"), (9, "N-2"), (10, "N-2"), (11, None)]
    more = [{"person_no": 6, "site_no": 0, "is_manual": True} for _ in range(20)]
    tables = tables_of(
        {
            "persons": [{"household_no": 1 if n in (3, 4) else None} for n in range(7)],
            "sites": [{"kind": "institution"}],
            "settlements": [{"person_no": n, "site_no": 0, "is_manual": True} for n in range(6)] + more,
            "manual_cases": [
                {"settlement_no": n, "person_no": min(n, 6), "bank_account_no": account, "invoice_no": invoice}
                for n, (account, invoice) in enumerate([*keys, *((100 + n, None) for n in range(20))])
            ],
            # what was paid in the end outranks what the case says
            "payouts": [{"case_no": 1, "bank_account_no": 7, "amount_fen": 1, "paid_at": DAY}],
        }
    )
    chained, home, both = measure(
        tables,
        [
            candidate(0, 1, 2, settlements=(0, 1, 2)),
            candidate(3, 4, settlements=(3, 4)),
            candidate(5, settlements=(5,)),
        ],
    )
    told = {name: chained.counts[name] for name in ("invoices", "key_kinds", "households_beyond_a_key")}
    assert told == {"invoices": 1, "key_kinds": 2, "households_beyond_a_key": 1}
    # one account of 25 and one invoice of two join households
    assert chained.counts["key_rarity"] == round(-math.log(1.5 / 26) - math.log(1.5 / 3))
    assert all(one.counts[name] == 0 for one in (home, both) for name in (*told, "key_rarity"))


def test_keys_are_counted_where_a_query_speaks_of_them() -> None:
    assert not DETECTOR.query.counts_keys
    for old, new in (
        ("// signal persons = 2.0", "// signal key_rarity = 2.0"),
        ("// keep persons <=", "// keep key_kinds <="),
        ("// text.en: {persons} persons", "// text.en: {invoices} invoices"),
    ):
        assert old in QUERY
        assert parse(QUERY.replace(old, new, 1), "probe.cypher").counts_keys, new


JOINING = PatternDetector(
    parse(QUERY.replace("// keep households", "// joins: person\n// keep households", 1), "probe.cypher")
)


def test_rows_that_share_a_person_directly_or_through_others_become_one_finding_where_the_header_says_so() -> None:
    shared = [(0, 1), (4, 5), (1, 2), (2, 3)]
    rows = [
        {"person_ids": [f"P{a}", f"P{b}"], "settlement_ids": [f"S{a}"], "handler_id": f"H{a % 2}"} for a, b in shared
    ]
    tables = town()
    assert len(found(rows, tables)) == 4
    view = BuildView("B", tables, Answers(rows), frozenset())  # type: ignore[arg-type]
    first, second = JOINING.find(view, effective(JOINING.spec.params, {}))
    assert [sorted(first.persons), first.settlements] == [[0, 1, 2, 3], (0, 1, 2)]
    assert {member.no for member in first.members if member.kind == "handler"} == {0, 1}
    assert [sorted(second.persons), second.settlements] == [[4, 5], (4,)]


def test_a_row_without_anybody_to_be_joined_by_stands_alone() -> None:
    rows = [{"handler_id": "H0", "settlement_ids": ["S0"]}, {"person_ids": ["P0"]}, {"person_ids": ["P0", "P1"]}]
    view = BuildView("B", town(), Answers(rows), frozenset())  # type: ignore[arg-type]
    findings = list(JOINING.find(view, effective(JOINING.spec.params, {"least_households": 0})))
    assert [sorted(finding.persons) for finding in findings] == [[], [0, 1]]


def test_a_candidate_without_persons_has_no_innocent_cause() -> None:
    (measured,) = measure(town(), [candidate(settlements=(0,), handler=(1,))], weighs=WEIGHED)
    assert isinstance(measured, Measured)
    assert (measured.counts["persons"], measured.counts["households"], measured.benign) == (0, 0, ())


TESTED_ROWS: dict[str, tuple[str, dict[str, Any], Candidate]] = {
    "CLASHES_AT": ("clashes", {"person_no": 2, "site_no": 1, "n": 2}, candidate(2, pharmacy=(1,))),
    "FILLED_AT": ("filled_at", {"doctor_no": 0, "site_no": 1, "n": 9}, candidate(2, doctor=(0,), pharmacy=(1,))),
    "SERVES": ("serves", {"handler_no": 1, "person_no": 2, "n": 2}, candidate(2, handler=(1,))),
    "CO_PRESENT": ("co_present", {"person_a": 2, "person_b": 3, "days": 5}, candidate(2, 3)),
}


@pytest.mark.parametrize("name", TESTED)
def test_every_tested_relationship_is_summed_between_members_only(name: str) -> None:
    table, row, inside = TESTED_ROWS[name]
    tables = town(doctors=[{}], **{table: [{**row, "llr": 6.5}]})
    own, other = measure(tables, [inside, candidate(5, handler=(0,), institution=(0,))], tested=(name,))
    assert (own.tested, other.tested) == ({name: 6.5}, {name: 0.0})


@pytest.mark.parametrize(
    ("cause", "name", "same", "more"),
    [
        ("household", "household", {"household_no": 1}, {}),
        ("shared_address", "nursing_home_or_shared_address", {"address_no": 4}, {}),
        ("employer", "employer_or_school", {"employer_no": 1}, {}),
        (
            "agent",
            "registered_agent",
            {},
            {"registrations": [{"registration_id": f"r{n}", "person_no": n, "agent_no": 3} for n in range(6)]},
        ),
        (
            "shared_address",
            "nursing_home_or_shared_address",
            {},
            {"benign_register": [{"kind": "nursing_home", "person_no": n} for n in range(6)]},
        ),
        (
            "shared_address",
            "nursing_home_or_shared_address",
            {"address_no": 4, "household_no": 8},
            {"benign_register": [{"kind": "nursing_home", "address_no": 4}]},
        ),
    ],
)
def test_what_the_registers_say_takes_most_of_the_evidence_where_all_share_it_and_none_where_nobody_does(
    cause: str, name: str, same: dict[str, int], more: dict[str, Any]
) -> None:
    tables = town([same] * 6, employers=[{}, {}], **more)
    (shared,) = measure(tables, [candidate(0, 1, 2, 3, 4)], weighs=(cause,))
    assert [one.cause for one in shared.benign] == [name]
    assert shared.benign[0].weight >= 0.6
    (apart,) = measure(town(employers=[{}, {}]), [candidate(0, 1, 2, 3, 4)], weighs=(cause,))
    assert apart.benign == ()


def test_the_nearest_cause_comes_first() -> None:
    tables = town([{"household_no": n % 2, "employer_no": 1} for n in range(6)], employers=[{}, {}])
    (measured,) = measure(tables, [candidate(0, 1, 2)], weighs=WEIGHED)
    weights = [cause.weight for cause in measured.benign]
    assert len(weights) >= 2
    assert weights == sorted(weights, reverse=True)


def test_settlements_of_others_than_the_persons_named_are_told() -> None:
    row = {
        "handler_id": "H1",
        "site_ids": ["X0"],
        "person_ids": ["P0"],
        "bank_account_ids": [],
        "settlement_ids": ["S0", "S2", "S4"],
    }
    (finding,) = found([row], town(), least_households=1)
    assert finding.values["persons"] == 1
    assert finding.values["other_persons"] == 2
    assert "2 persons who are not named" in finding.text.en
    assert "2名未列名" in finding.text.zh

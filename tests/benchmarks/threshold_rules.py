"""A straightforward threshold rule for each pattern, as published or as inspectors use it, over the source tables.

Each rule flags persons and puts those together who share what the rule is about (a site, a handler, an account, a
drug). Nothing is tested, nobody is excused. The numbers are those of the rules' own authors, named beside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from tests.benchmarks import simple_rules
from tests.benchmarks.simple_leads import Group, ranked
from tests.benchmarks.source_tables import source_tables

#: Groups a rule may hand over; beyond it nobody would look.
MOST = 50
PERSONS = 3


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its pattern, what it says, and a query for members and settlements of each group, the largest first.

    The query gives: name of the group, persons, other members as (type, id, role), settlements.
    """

    pattern: str
    says: str
    query: str


#: What several rules read, once.
PREPARE = """
CREATE TEMP TABLE drug_lines AS
SELECT setl_id, hilist_code AS drug, try_cast(cnt AS DOUBLE) AS units, try_cast(pric AS DOUBLE) AS price
FROM fee_list_d WHERE list_type LIKE '1%' AND vali_flag = '1';
CREATE TEMP TABLE visits AS
SELECT mdtrt_id, chfpdr_code AS doctor, try_cast(begntime AS TIMESTAMP) AS begins,
    try_cast(endtime AS TIMESTAMP) AS ends
FROM mdtrt_d;
"""

#: One card at two places with less than thirty minutes between (M17), persons put together by the place.
TWO_PLACES = """
WITH following AS (
    SELECT *, lead(site) OVER w AS next_site, lead(settled_at) OVER w AS next_at, lead(setl_id) OVER w AS next_id
    FROM settled WINDOW w AS (PARTITION BY card ORDER BY settled_at, setl_id)
), clash AS (
    SELECT psn_no, unnest([site, next_site]) AS site, unnest([setl_id, next_id]) AS setl_id
    FROM following WHERE next_site <> site AND next_at - settled_at < INTERVAL 30 MINUTE
)
SELECT site, list(DISTINCT psn_no), [{'type': 'institution', 'id': site, 'role': 'site'}], list(DISTINCT setl_id)
FROM clash GROUP BY site
"""

#: More than fifty purchases a year on one card at one pharmacy, or 500 yuan each on average, or one above 2 000 (M18).
CASH_OUT = """
WITH span AS (
    SELECT greatest(date_diff('day', min(settled_at), max(settled_at)), 1) / 365 AS years FROM settled
), heavy AS (
    SELECT site, card, any_value(psn_no) AS psn_no, list(setl_id) AS ids
    FROM settled, span WHERE kind = 'purchase'
    GROUP BY site, card, years HAVING count(*) > 50 * years OR avg(total) > 500 OR max(total) > 2000
)
SELECT site, list(DISTINCT psn_no), [{'type': 'pharmacy', 'id': site, 'role': 'site'}], flatten(list(ids))
FROM heavy GROUP BY site
"""

#: More than sixty units of one drug at three institutions or more within half a year (M21), put together by the drug.
MANY_UNITS = """
WITH bought AS (
    SELECT s.psn_no, l.drug, s.site, s.setl_id, l.units,
        date_diff('day', min(s.settled_at) OVER (), s.settled_at) // 183 AS half
    FROM drug_lines AS l JOIN settled AS s USING (setl_id)
), heavy AS (
    SELECT psn_no, drug, list(setl_id) AS ids FROM bought
    GROUP BY psn_no, drug, half HAVING count(DISTINCT site) >= 3 AND sum(units) > 60
)
SELECT drug, list(DISTINCT psn_no), [], flatten(list(ids)) FROM heavy GROUP BY drug
"""

#: Ten patients of one doctor who fill at one pharmacy within a day, at more than 1.5 times the usual price (M22).
DEAR_FILLS = """
WITH price AS (
    SELECT s.setl_id, l.price / nullif(avg(l.price) OVER (PARTITION BY l.drug), 0) AS dear
    FROM drug_lines AS l JOIN settled AS s USING (setl_id) WHERE s.kind = 'purchase'
), bill AS (
    SELECT setl_id, avg(dear) AS dear FROM price GROUP BY setl_id
), prescribed AS (
    SELECT s.psn_no, s.settled_at, v.doctor
    FROM settled AS s JOIN visits AS v USING (mdtrt_id) WHERE s.kind = 'visit' AND v.doctor <> ''
), filled AS (
    SELECT DISTINCT p.doctor, b.site, b.psn_no, b.setl_id, bill.dear
    FROM prescribed AS p JOIN settled AS b ON b.psn_no = p.psn_no AND b.kind = 'purchase'
        AND b.settled_at BETWEEN p.settled_at AND p.settled_at + INTERVAL 1 DAY
    JOIN bill USING (setl_id)
)
SELECT doctor || ' ' || site, list(DISTINCT psn_no),
    [{'type': 'doctor', 'id': doctor, 'role': 'doctor'}, {'type': 'pharmacy', 'id': site, 'role': 'site'}],
    list(DISTINCT setl_id)
FROM filled GROUP BY doctor, site HAVING count(DISTINCT psn_no) >= 10 AND avg(dear) > 1.5
"""

#: Eight persons or more admitted together and discharged together, five times at one hospital (inspections).
IN_AND_OUT_TOGETHER = """
WITH stays AS (
    SELECT s.psn_no, s.site, s.setl_id, v.begins::DATE AS admitted, v.ends::DATE AS discharged
    FROM settled AS s JOIN visits AS v USING (mdtrt_id) WHERE s.kind = 'stay'
), crowd AS (
    SELECT *, count(DISTINCT psn_no) OVER (PARTITION BY site, admitted, discharged) AS together
    FROM stays
), wave AS (
    SELECT *, count(DISTINCT (admitted, discharged)) OVER (PARTITION BY site) AS waves FROM crowd WHERE together >= 8
)
SELECT site, list(DISTINCT psn_no), [{'type': 'institution', 'id': site, 'role': 'site'}], list(DISTINCT setl_id)
FROM wave WHERE waves >= 5 GROUP BY site
"""

#: A visit or purchase of the same person between admission and discharge (M7), put together by the hospital.
OUT_DURING_STAY = """
WITH stays AS (
    SELECT s.psn_no, s.site, s.setl_id, v.begins AS admitted, v.ends AS discharged
    FROM settled AS s JOIN visits AS v USING (mdtrt_id) WHERE s.kind = 'stay'
)
SELECT t.site, list(DISTINCT t.psn_no), [{'type': 'institution', 'id': t.site, 'role': 'site'}],
    list_distinct(flatten(list([t.setl_id, o.setl_id])))
FROM stays AS t JOIN settled AS o ON o.psn_no = t.psn_no AND o.kind <> 'stay'
    AND o.settled_at > t.admitted AND o.settled_at < t.discharged
GROUP BY t.site
"""

#: One handler who enters a paper case and reviews it.
BOTH_STEPS = """
SELECT e.crter_id, list(DISTINCT e.psn_no), [{'type': 'handler', 'id': e.crter_id, 'role': 'handler'}],
    list(DISTINCT s.setl_id)
FROM cent_manl_reim_reg_evt_c AS e JOIN biz_gen_chk_d AS c ON c.evt_inst_id = e.evtsn AND c.opter_id = e.crter_id
LEFT JOIN settled AS s ON s.mdtrt_id = e.mdtrt_id
GROUP BY e.crter_id
"""

#: One bank account that three persons or more are paid on.
PAYEE_STAR = """
SELECT r.bankacct, list(DISTINCT r.psn_no), [{'type': 'bank_account', 'id': r.bankacct, 'role': 'payee'}],
    list(DISTINCT s.setl_id)
FROM cent_manl_reim_reg_d AS r LEFT JOIN settled AS s ON s.mdtrt_id = r.mdtrt_id
WHERE r.bankacct <> '' GROUP BY r.bankacct
"""

#: Buyers of a suspended site who go to one other place for the first time while it is shut, ten of them or more.
MOVED_BUYERS = """
WITH shut AS (
    SELECT fixmedins_code AS closed, try_cast(begntime AS TIMESTAMP) AS since,
        coalesce(try_cast(nullif(endtime, '') AS TIMESTAMP), TIMESTAMP '9999-01-01') AS until
    FROM fixmedins_paus_d
), before AS (
    SELECT DISTINCT closed, since, until, psn_no FROM shut JOIN settled ON site = closed
    WHERE settled_at < since AND settled_at >= since - INTERVAL 90 DAY
), first_there AS (
    SELECT psn_no, site, min(settled_at) AS since FROM settled WHERE kind = 'purchase' GROUP BY psn_no, site
)
SELECT b.closed || ' ' || f.site, list(DISTINCT b.psn_no), [
        {'type': 'pharmacy', 'id': f.site, 'role': 'site'}, {'type': 'pharmacy', 'id': b.closed, 'role': 'hidden_site'}
    ], list(DISTINCT s.setl_id)
FROM before AS b JOIN first_there AS f ON f.psn_no = b.psn_no AND f.since BETWEEN b.since AND b.until
JOIN settled AS s ON s.psn_no = b.psn_no AND s.site = f.site AND s.settled_at BETWEEN b.since AND b.until
GROUP BY b.closed, f.site HAVING count(DISTINCT b.psn_no) >= 10
"""

RULES: tuple[Rule, ...] = (
    Rule(
        "hoarded_cards", "more than 50 a year, 500 yuan on average or 2 000 once, on one card at one pharmacy", CASH_OUT
    ),
    Rule("impersonation", "one card at two places within 30 minutes", TWO_PLACES),
    Rule("inducement", "8 persons in together and out together, 5 times", IN_AND_OUT_TOGETHER),
    Rule("sham_stay", "a visit or purchase during a stay", OUT_DURING_STAY),
    Rule("drug_resale", "more than 60 units of one drug at 3 institutions in half a year", MANY_UNITS),
    Rule("doctor_pharmacy", "10 patients fill within a day at 1.5 times the price", DEAR_FILLS),
    Rule("insider", "one handler enters and reviews", BOTH_STEPS),
    Rule("insider", "3 persons paid on one account", PAYEE_STAR),
    Rule("proxy_settlement", "10 buyers of a suspended site begin to buy at another", MOVED_BUYERS),
)

#: The published rule for groups who visit together stands beside cash-out for hoarded cards.
TOGETHER = "5 minutes, 5 times, 3 persons"


def leads(folder: Path, together: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """All rules' groups as one list: the largest of each rule first, then the second largest of each, and so on.

    `together` are the leads of the rule for groups who visit together, where they are known already.
    """
    known = simple_rules.rule_leads(folder) if together is None else together
    found = [
        [
            Group.of_persons("hoarded_cards", (m["id"] for m in lead["members"]), lead["evidence"][0]["settlements"])
            for lead in known[:MOST]
        ]
    ]
    with source_tables(folder) as tables:
        tables.execute(PREPARE)
        found += [groups_of(tables, rule) for rule in RULES]
    places = max(map(len, found))
    return ranked(groups[place] for place in range(places) for groups in found if place < len(groups))


def groups_of(tables: duckdb.DuckDBPyConnection, rule: Rule) -> list[Group]:
    """The groups of one rule with three persons or more, the largest first. A table that is missing gives none."""
    try:
        rows = tables.execute(rule.query).fetchall()
    except duckdb.CatalogException:
        return []
    groups = [
        (name, sorted(persons), others, sorted(one for one in settlements if one is not None))
        for name, persons, others, settlements in rows
        if len(persons) >= PERSONS
    ]
    groups.sort(key=lambda group: (-len(group[1]), group[0]))
    return [
        Group(
            rule.pattern,
            tuple(("person", person, "member") for person in persons),
            tuple(settlements),
            tuple((other["type"], other["id"], other["role"]) for other in others),
        )
        for _, persons, others, settlements in groups[:MOST]
    ]

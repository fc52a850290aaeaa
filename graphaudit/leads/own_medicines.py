"""Whether a group bought what its members take anyway: an innocent cause, weighed over all purchases of a group.

Who takes medicines of their own comes back for the same ones, different from the others', and buys them without the
others as well; goods drawn from one list fall on any card. What else members bought at those places on those days
counts too: a detector that picks purchases for being foreign says nothing of the rest, and few of them tell little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import duckdb

from graphaudit.findings import BenignCause, Text
from graphaudit.leads.fuse import Fused

CAUSE = "own_medicines"

#: Patterns that are about purchases: only there do the members' own medicines explain anything.
BY_PURCHASES = frozenset({"hoarded_cards", "drug_resale"})

#: Kinds of evidence that the medicines are not the members' own: persons of whom they tell are not explained so.
NOT_THEIRS = frozenset({"care_beyond_age", "certified_for_one_handler"})

#: Share of the purchases that any other member makes as well, from which on they are less one's own, and from which on
#: nobody's: what is drawn from one list comes back too.
COMMON_LIST = (0.5, 0.65)

#: Per group: how many medicines were bought at its sessions; how often one was bought by the same member at another
#: time too, wherever that was, and how often that would be if the members had exchanged their purchases; the same two
#: figures for times at which no other member was there. Reads the temporary tables group_members (group_no, person_no)
#: and inside (group_no, site_no, day).
QUERY = """
WITH met AS (SELECT DISTINCT group_no, site_no, day FROM inside),
-- the members' own settlements first: a site's day may hold thousands
own_settlements AS MATERIALIZED (
    SELECT g.group_no, s.person_no, s.day, s.site_no, s.settlement_no
    FROM group_members AS g JOIN settlements AS s USING (person_no)
    WHERE s.is_event
),
taken AS MATERIALIZED (
    SELECT DISTINCT o.person_no, o.day, o.settlement_no, l.item_code
    FROM (SELECT DISTINCT person_no, day, settlement_no FROM own_settlements) AS o JOIN lines AS l USING (settlement_no)
    WHERE l.is_drug
),
bought AS MATERIALIZED (
    SELECT DISTINCT o.group_no, o.person_no, o.day, t.item_code
    FROM own_settlements AS o
    SEMI JOIN met AS m ON m.group_no = o.group_no AND m.site_no = o.site_no AND m.day = o.day
    JOIN taken AS t ON t.settlement_no = o.settlement_no
),
-- first and last day decide whether there is another one a week or more away
history AS MATERIALIZED (
    SELECT person_no, item_code, min(day) AS first_day, max(day) AS last_day FROM taken GROUP BY person_no, item_code
),
takers AS (
    SELECT g.group_no, h.item_code, count(*) AS n
    FROM group_members AS g JOIN history AS h USING (person_no)
    GROUP BY g.group_no, h.item_code
),
together AS (
    SELECT group_no, site_no, day FROM met
    UNION
    SELECT group_no, site_no, day FROM own_settlements GROUP BY ALL HAVING count(DISTINCT person_no) > 1
),
alone AS MATERIALIZED (
    SELECT DISTINCT o.group_no, o.person_no, t.item_code
    FROM own_settlements AS o
    ANTI JOIN together AS m ON m.group_no = o.group_no AND m.site_no = o.site_no AND m.day = o.day
    JOIN taken AS t ON t.settlement_no = o.settlement_no
),
takers_alone AS (SELECT group_no, item_code, count(*) AS n FROM alone GROUP BY group_no, item_code),
sizes AS (SELECT group_no, count(*) AS n FROM group_members GROUP BY group_no)
SELECT
    b.group_no, count(*) AS n,
    avg(CASE WHEN greatest(b.day - h.first_day, h.last_day - b.day) >= 7 THEN 1.0 ELSE 0.0 END) AS again,
    -- another member, who need have bought it but once to have bought it again after the exchange
    avg((t.n - 1) / greatest(z.n - 1, 1)) AS expected,
    avg(CASE WHEN a.item_code IS NULL THEN 0.0 ELSE 1.0 END) AS alone,
    avg((coalesce(x.n, 0) - CASE WHEN a.item_code IS NULL THEN 0 ELSE 1 END) / greatest(z.n - 1, 1)) AS alone_expected
FROM bought AS b
JOIN history AS h USING (person_no, item_code)
JOIN takers AS t USING (group_no, item_code)
JOIN sizes AS z USING (group_no)
LEFT JOIN alone AS a ON a.group_no = b.group_no AND a.person_no = b.person_no AND a.item_code = b.item_code
LEFT JOIN takers_alone AS x ON x.group_no = b.group_no AND x.item_code = b.item_code
GROUP BY b.group_no
"""


def measured(tables: duckdb.DuckDBPyConnection) -> list[tuple[int, int, float, float, float, float]]:
    """Rows (group, purchases, again, expected, alone, alone expected) for the temporary tables that QUERY reads."""
    return tables.execute(QUERY).fetchall()


def bought_again(purchases: int, again: float, expected: float) -> BenignCause:
    """The cause from what is bought again beyond what is `expected` (shares; a row of QUERY)."""
    # with few kinds of goods everybody comes back for the same, own or not
    beyond = (again - expected) / max(1.0 - expected, 0.2)
    return BenignCause(
        CAUSE,
        _weight(beyond, 0.25, 0.3, purchases, expected),
        Text(
            f"同行时所购药品中{again:.0%}由同一成员再次购买（若成员间互换购买，则为{expected:.0%}）",
            f"{again:.0%} of the medicines bought there were bought again by the same member "
            f"({expected:.0%} if members had exchanged their purchases)",
        ),
    )


def bought_alone(purchases: int, alone: float, expected: float, common: float) -> BenignCause:
    """The cause from what is also bought where no other member is, beyond what is `expected` (shares; a row of QUERY).

    Few purchases are made apart from a group that meets often, so that a small share beyond the expected tells.
    `common` is the share of the purchases that any other member makes as well.
    """
    return BenignCause(
        CAUSE,
        _weight(alone - expected, 0.05, 0.15, purchases, common),
        Text(
            f"同行时所购药品中{alone:.0%}也由同一成员独自购买（若成员间互换购买，则为{expected:.0%}）",
            f"{alone:.0%} of the medicines bought there were bought by the same member without the others too "
            f"({expected:.0%} if members had exchanged their purchases)",
        ),
    )


def _weight(beyond: float, least: float, width: float, purchases: int, common: float) -> float:
    some, most = COMMON_LIST
    differing = min(max((most - common) / (most - some), 0.0), 1.0)
    return 0.9 * min(max((beyond - least) / width, 0.0), 1.0) * differing * purchases / (purchases + 10)


def of_leads(tables: duckdb.DuckDBPyConnection, groups: Sequence[Fused]) -> dict[int, BenignCause]:
    """The cause for each of `groups` (by place) that is about purchases, over all that its findings tell."""
    asked = [i for i, group in enumerate(groups) if any(f.pattern in BY_PURCHASES for f in group.findings)]
    members = [(i, m.no) for i in asked for m in groups[i].members if m.kind == "person"]
    told = [(i, no) for i in asked for no in groups[i].settlements]
    if not members or not told:
        return {}
    tables.execute(
        """
        CREATE OR REPLACE TEMP TABLE group_members AS
        SELECT unnest($groups::INTEGER[]) AS group_no, unnest($persons::INTEGER[]) AS person_no
        """,
        {"groups": [i for i, _ in members], "persons": [no for _, no in members]},
    )
    tables.execute(
        """
        CREATE OR REPLACE TEMP TABLE inside AS
        SELECT DISTINCT g.group_no, s.site_no, s.day
        FROM (SELECT unnest($groups::INTEGER[]) AS group_no, unnest($settlements::INTEGER[]) AS settlement_no) AS g
        JOIN settlements AS s USING (settlement_no)
        SEMI JOIN group_members AS m ON m.group_no = g.group_no AND m.person_no = s.person_no
        """,
        {"groups": [i for i, _ in told], "settlements": [no for _, no in told]},
    )
    rows = measured(tables)
    tables.execute("DROP TABLE inside")
    tables.execute("DROP TABLE group_members")
    result = {}
    for group, purchases, again, expected, alone, alone_expected in rows:
        cause = max(
            bought_again(purchases, again, expected),
            bought_alone(purchases, alone, alone_expected, expected),
            key=lambda cause: cause.weight,
        )
        result[int(group)] = replace(cause, weight=cause.weight * _in_doubt(groups[int(group)]))
    return result


def _in_doubt(group: Fused) -> float:
    """Share of the persons of `group` of whom no evidence tells that the medicines are another's."""
    persons = {member.no for member in group.members if member.kind == "person"}
    told = {no for finding in group.findings if finding.kind in NOT_THEIRS for no in finding.persons}
    return len(persons - told) / max(len(persons), 1)

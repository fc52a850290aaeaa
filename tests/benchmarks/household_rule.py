"""The good rule to beat: pairs of different households who met in the same hour, cut by CPM, then four conditions.

Pairs that met at least three times in one hour at one site, known households removed; communities by the constant
Potts model; kept when the group held four sessions or more, has four households or more, and met at irregular gaps.
Hours are the hours of the clock, as an analyst would group them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import graspologic_native
import numpy as np

from tests.benchmarks.simple_leads import Group, ranked
from tests.benchmarks.source_tables import source_tables

MEETINGS = 3
SESSIONS = 4
HOUSEHOLDS = 4
#: A session is an hour at one site with this share of the group, and at least three of them.
SHARE_AT_SESSION = 0.2
PERSONS_AT_SESSION = 3
#: Standard deviation of the days between sessions over their mean: a shift or a refill calendar stays well below.
IRREGULAR = 0.4
#: Density of pairs inside a community.
RESOLUTION = 0.3
#: Busier hours at one site say nothing about who came with whom.
MOST_IN_AN_HOUR = 400

PREPARE = f"""
CREATE TEMP TABLE cells AS
SELECT DISTINCT psn_no, site, date_trunc('hour', settled_at) AS hour FROM settled
QUALIFY count(DISTINCT psn_no) OVER (PARTITION BY site, date_trunc('hour', settled_at)) <= {MOST_IN_AN_HOUR};
CREATE TEMP TABLE homes AS
SELECT psn_no, min(nullif(resdbook_no, '')) AS household FROM psn_info_b GROUP BY psn_no;
"""

PAIRS = f"""
SELECT a.psn_no, b.psn_no, count(*) AS times
FROM cells AS a JOIN cells AS b ON a.site = b.site AND a.hour = b.hour AND a.psn_no < b.psn_no
LEFT JOIN homes AS h ON h.psn_no = a.psn_no LEFT JOIN homes AS g ON g.psn_no = b.psn_no
WHERE h.household IS NULL OR h.household IS DISTINCT FROM g.household
GROUP BY a.psn_no, b.psn_no HAVING count(*) >= {MEETINGS}
ORDER BY a.psn_no, b.psn_no
"""

#: Of each community its size, households, meetings in sessions, and the days of its sessions.
GROUPS = f"""
WITH sized AS (
    SELECT m.community, count(*) AS persons, count(DISTINCT coalesce(h.household, m.psn_no)) AS households
    FROM found AS m LEFT JOIN homes AS h USING (psn_no) GROUP BY m.community
), sessions AS (
    SELECT m.community, c.site, c.hour, count(*) AS present
    FROM found AS m JOIN cells AS c USING (psn_no) GROUP BY m.community, c.site, c.hour
), held AS (
    SELECT s.community, s.hour::DATE AS day, max(s.present) AS present
    FROM sessions AS s JOIN sized AS z USING (community)
    WHERE s.present >= greatest({PERSONS_AT_SESSION}, {SHARE_AT_SESSION} * z.persons)
    GROUP BY s.community, s.hour::DATE
), gaps AS (
    SELECT community, day, present, date_diff('day', lag(day) OVER (PARTITION BY community ORDER BY day), day) AS gap
    FROM held
)
SELECT z.community
FROM sized AS z JOIN gaps AS g USING (community)
WHERE z.households >= {HOUSEHOLDS}
GROUP BY z.community
HAVING count(*) >= {SESSIONS} AND stddev_pop(g.gap) >= {IRREGULAR} * avg(g.gap)
ORDER BY sum(g.present) DESC, z.community
"""


def leads(folder: Path) -> list[dict[str, Any]]:
    """What the rule hands over, groups with the most attendance at their sessions first."""
    with source_tables(folder) as tables:
        tables.execute(PREPARE)
        _communities(tables)
        kept = [row[0] for row in tables.execute(GROUPS).fetchall()]
        members: dict[int, list[str]] = {number: [] for number in kept}
        for number, person in tables.execute("SELECT community, psn_no FROM found ORDER BY ALL").fetchall():
            if number in members:
                members[number].append(person)
    return ranked(Group.of_persons("hoarded_cards", members[number]) for number in kept)


def _communities(tables: duckdb.DuckDBPyConnection) -> None:
    """Put the communities of the pairs into `found`: person, number of the community (by its first person)."""
    tables.execute("CREATE TEMP TABLE found (psn_no VARCHAR, community INTEGER)")
    columns = tables.execute(PAIRS).fetchnumpy()
    one, other, times = (np.asarray(column) for column in columns.values())
    if not len(one):
        return
    persons, ends = np.unique(np.concatenate([one, other]).astype(str), return_inverse=True)
    edges = list(zip(*(e.astype(str).tolist() for e in np.split(ends, 2)), times.astype(float).tolist(), strict=True))
    assigned = graspologic_native.leiden(
        edges=edges, resolution=RESOLUTION, randomness=0.001, iterations=3, use_modularity=False, seed=0
    )[1]
    first: dict[int, int] = {}
    rows = [(number, first.setdefault(assigned[str(number)], number)) for number in range(len(persons))]
    tables.execute(
        "INSERT INTO found SELECT unnest($persons), unnest($communities)",
        {"persons": [persons[number] for number, _ in rows], "communities": [community for _, community in rows]},
    )

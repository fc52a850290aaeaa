"""Groups that come together: from tested pairs to communities, sessions, and a bound on what chance can do.

Shared by the detectors of visits and of stays; each brings its own stream of events and its own pairs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from detectors.chance import log_choose, log_tail
from detectors.communities import Ints

Floats = npt.NDArray[np.float64]

#: A course of treatment pauses over a weekend at most: sessions at one site within so many days are not independent.
LINKED_DAYS = 3

#: Share of a graded stream's events that are odd enough to make a session.
ODD = 0.05


@dataclass(frozen=True, slots=True)
class Stream:
    """Which events a detector groups, and what counts as a session of a group.

    A session needs at least `least_units` households and `least_share` of the group's households; with
    `chain_days` events on following days belong to one session (admissions), else a day is the bound.
    `own` names the query of the members' events that the common ones are compared with, `channels` the content
    signals that mean something for these events. With `graded`, events carry `odd_p`, the share of events at least as
    odd: those up to ODD make sessions, all others may still show that somebody belongs to a group. `personal` names
    the columns that go with the person rather than with the time and place when persons are exchanged.
    """

    name: str
    chain_days: bool
    own: str
    channels: frozenset[str] = frozenset()
    least_units: int = 3
    least_share: float = 0.2
    graded: bool = False
    personal: tuple[str, ...] = ("person_no",)


@dataclass(frozen=True, slots=True)
class Session:
    """One session of a group: where, on which day, how many households, how many chance alone would bring."""

    site_no: int
    day: int
    units: int
    persons: int
    expected: float
    #: Log of the Poisson chance of at least `units` households at this site then.
    log_p: float


@dataclass(frozen=True, slots=True)
class Group:
    """A candidate: members (numbers, ascending), each one's share of attendance, its sessions in time order.

    `surprise` is -ln of the union bound, in nats; negative where chance has more choices than such a group is rare.
    """

    members: tuple[int, ...]
    attendance: tuple[float, ...]
    units: int
    sessions: tuple[Session, ...]
    surprise: float

    @property
    def log_p(self) -> float:
        """Log of the union bound on the chance of such a group, at most 0."""
        return min(0.0, -self.surprise)

    @property
    def days(self) -> tuple[int, ...]:
        """Distinct days of the sessions, ascending."""
        return tuple(sorted({session.day for session in self.sessions}))


def read_sql(name: str) -> str:
    """The text of one of the detectors' queries over the tables."""
    return (files("detectors") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def fill_group_members(tables: duckdb.DuckDBPyConnection, groups: Sequence[Sequence[int]]) -> None:
    """Put the members of `groups`, by number, into the temporary table group_members with their households."""
    numbers = [index for index, members in enumerate(groups) for _ in members]
    persons = [int(person) for members in groups for person in members]
    tables.execute(
        """
        CREATE OR REPLACE TEMP TABLE group_members AS
        SELECT g.group_no, g.person_no, unit_of(p.household_no, p.probable_household_no, p.person_no) AS unit_no
        FROM (SELECT unnest($numbers::INTEGER[]) AS group_no, unnest($persons::INTEGER[]) AS person_no) AS g
        JOIN persons AS p USING (person_no)
        """,
        {"numbers": numbers, "persons": persons},
    )


@contextmanager
def settlements_of(tables: duckdb.DuckDBPyConnection, groups: Sequence[Sequence[int]]) -> Iterator[None]:
    """Settlement numbers of `groups`, by place: the view group_settlements (group_no, settlement_no) stands meanwhile."""
    rows = [(place, no) for place, settlements in enumerate(groups) for no in settlements]
    tables.register("group_settlements", pd.DataFrame(rows, columns=["group_no", "settlement_no"], dtype="int64"))
    try:
        yield
    finally:
        tables.unregister("group_settlements")


def units_of(tables: duckdb.DuckDBPyConnection, persons: Ints) -> Ints:
    """The number of the household of each of `persons` (ascending): what counts once."""
    fill_group_members(tables, [persons.tolist()])
    units = tables.execute("SELECT unit_no FROM group_members ORDER BY person_no").fetchnumpy()["unit_no"]
    tables.execute("DROP TABLE group_members")
    return np.asarray(units, np.int64)


@contextmanager
def standing_events(tables: duckdb.DuckDBPyConnection, stream: Stream) -> Iterator[str]:
    """The query for the stream's events of the whole city, which stand in a temporary table meanwhile.

    For whoever opens the stream more than once: to find each event's place at its site takes longer than to copy it.
    """
    tables.execute(f"CREATE OR REPLACE TEMP TABLE city_events AS {read_sql(f'{stream.name}_stream')}")
    try:
        yield "SELECT * FROM city_events"
    finally:
        tables.execute("DROP TABLE city_events")


class Gathering:
    """Temporary tables that describe a set of groups: stream, group_members, group_events, inside."""

    def __init__(self, tables: duckdb.DuckDBPyConnection, stream: Stream) -> None:
        self.tables = tables
        self.stream = stream

    @classmethod
    @contextmanager
    def of(
        cls, tables: duckdb.DuckDBPyConnection, stream: Stream, query: str = "", **parameters: Any
    ) -> Iterator[Gathering]:
        """Open the stream, or the events of `query` in its place, and drop every temporary table afterwards."""
        gathering = cls(tables, stream)
        every = "every_event" if stream.graded else "stream"
        events = query or read_sql(f"{stream.name}_stream")
        tables.execute(f"CREATE OR REPLACE TEMP TABLE {every} AS {events}", parameters)
        if stream.graded:
            tables.execute(
                "CREATE OR REPLACE TEMP TABLE stream AS SELECT * FROM every_event WHERE odd_p <= $odd", {"odd": ODD}
            )
        try:
            yield gathering
        finally:
            for name in (
                "every_event",
                "inside",
                "outside",
                "fee_levels",
                "own_events",
                "group_events",
                "group_members",
                "stream",
            ):
                tables.execute(f"DROP TABLE IF EXISTS {name}")

    def settle(self, groups: Sequence[Sequence[int]]) -> None:
        """Make `groups` (members by number) the current ones and find their sessions."""
        fill_group_members(self.tables, groups)
        self.tables.execute(f"CREATE OR REPLACE TEMP TABLE group_events AS {read_sql('group_events')}")
        self.tables.execute(
            f"CREATE OR REPLACE TEMP TABLE inside AS {read_sql('sessions')}",
            {
                "chain_days": self.stream.chain_days,
                "least_units": self.stream.least_units,
                "least_share": self.stream.least_share,
            },
        )

    def take(self, groups: Sequence[Sequence[int]], settlements: Sequence[tuple[int, int]]) -> None:
        """Make `groups` the current ones, with the (group, settlement) pairs given as what they have in common.

        For groups found by what their settlements are rather than by meeting: each site and day is a session.
        """
        fill_group_members(self.tables, groups)
        self.tables.execute(f"CREATE OR REPLACE TEMP TABLE group_events AS {read_sql('group_events')}")
        self.tables.execute(
            f"CREATE OR REPLACE TEMP TABLE inside AS {read_sql('taken')}",
            {"numbers": [number for number, _ in settlements], "settlements": [no for _, no in settlements]},
        )

    def widen(self, groups: dict[int, Group]) -> dict[int, Group]:
        """Count in what the members did at the groups' own sessions without its being odd; sessions stay as they are."""
        self.tables.execute(f"CREATE OR REPLACE TEMP TABLE inside AS {read_sql('widened')}")
        attended = self._attendance()
        return {
            number: replace(
                group,
                attendance=tuple(attended.get((number, no), 0) / len(group.sessions) for no in group.members),
            )
            for number, group in groups.items()
        }

    def groups(self) -> dict[int, Group]:
        """The current groups that have at least one session, by number."""
        sessions: dict[int, list[Session]] = {}
        rows = self.rows("session_null")
        counted = np.array([(units, max(expected, 1e-9)) for *_, units, _, expected in rows], np.float64).reshape(-1, 2)
        tails = log_tail(counted[:, 0], counted[:, 1]).tolist()
        for (group_no, site_no, _, day, units, persons, expected), tail in zip(rows, tails, strict=True):
            sessions.setdefault(group_no, []).append(Session(site_no, day, units, persons, expected, tail))
        attendance = self._attendance()
        members: dict[int, list[tuple[int, int]]] = {}
        for group_no, person_no, unit_no in self.tables.execute(
            "SELECT group_no, person_no, unit_no FROM group_members ORDER BY ALL"
        ).fetchall():
            members.setdefault(group_no, []).append((person_no, unit_no))
        pools = self._pools()
        result: dict[int, Group] = {}
        for group_no, held in sorted(sessions.items()):
            people = members[group_no]
            ordered = tuple(sorted(held, key=lambda s: (s.day, s.site_no)))
            pool, cells = pools[group_no]
            result[group_no] = Group(
                members=tuple(person for person, _ in people),
                attendance=tuple(attendance.get((group_no, person), 0) / len(held) for person, _ in people),
                units=len({unit for _, unit in people}),
                sessions=ordered,
                surprise=surprise(ordered, units=len({unit for _, unit in people}), pool=pool, cells=cells),
            )
        return result

    def regrown(self, groups: dict[int, Group], *, least_llr: float, least_share: float) -> list[list[int]]:
        """Member lists after pruning and regrowing by attendance at the groups' own sessions.

        Everybody stays or joins who attended at least two sessions, at least `least_share` of the median
        attendance of the present members, and whose attendance beats chance by `least_llr` nats.
        """
        typical = {
            number: float(np.median([share * len(group.sessions) for share in group.attendance]))
            for number, group in groups.items()
        }
        core = {number: set(group.members) for number, group in groups.items()}
        kept: dict[int, list[int]] = {number: [] for number in groups}
        for number, person, attended, expected, *oddness in self.rows(
            "attendance_graded" if self.stream.graded else "attendance"
        ):
            if number not in groups or attended < max(2.0, least_share * typical[number]):
                continue
            llr = _llr(attended, max(expected, 1e-3)) + sum(oddness)
            if llr >= (least_llr if person not in core[number] else least_llr / 2):
                kept[number].append(person)
        return [sorted(members) for _, members in sorted(kept.items()) if len(members) > 2]

    def rows(self, name: str) -> list[tuple[Any, ...]]:
        """The rows of a named query over the current groups."""
        return self.tables.execute(read_sql(name)).fetchall()

    def _attendance(self) -> dict[tuple[int, int], int]:
        """Sessions attended, by group and person."""
        rows = self.tables.execute(
            "SELECT group_no, person_no, count(DISTINCT (site_no, session_in_site)) FROM inside GROUP BY ALL"
        ).fetchall()
        return {(int(group_no), int(person_no)): int(n) for group_no, person_no, n in rows}

    def _pools(self) -> dict[int, tuple[int, int]]:
        """Per group: persons and days at its sites, among whom and when chance could have found a group."""
        rows = self.tables.execute(
            """
            WITH at_sites AS (SELECT DISTINCT group_no, site_no FROM inside),
            site AS (
                SELECT site_no, count(DISTINCT person_no) AS persons, count(DISTINCT day) AS days
                FROM stream WHERE site_no IN (SELECT site_no FROM at_sites) GROUP BY site_no
            )
            SELECT a.group_no, sum(s.persons), sum(s.days)
            FROM at_sites AS a JOIN site AS s USING (site_no) GROUP BY a.group_no
            """
        ).fetchall()
        return {int(group_no): (int(persons), int(days)) for group_no, persons, days in rows}


def surprise(sessions: Sequence[Session], *, units: int, pool: int, cells: int) -> float:
    """-ln of a union bound on the chance that any group of this size shows such sessions.

    C(pool, units) groups and C(cells, sessions) choices of sessions times the product of the sessions' Poisson
    tails: conservative, and pays for the search over groups and for the choice of sessions (the look-elsewhere
    effect). Who came yesterday comes again for reasons of the own: of sessions that follow each other at a site only
    the least likely counts. Not cut at 0, so that groups that chance explains can be told apart too.
    """
    apart = unlinked(sessions)
    tails = sum(session.log_p for session in apart)
    choices = log_choose(max(pool, units), units) + log_choose(max(cells, len(apart)), len(apart))
    return -(tails + choices)


def unlinked(sessions: Sequence[Session]) -> list[Session]:
    """Of each run of sessions at one site, no step longer than LINKED_DAYS, the one that chance explains least."""
    kept: list[Session] = []
    last: Session | None = None
    for session in sorted(sessions, key=lambda s: (s.site_no, s.day, s.log_p)):
        if last is None or session.site_no != last.site_no or session.day - last.day > LINKED_DAYS:
            kept.append(session)
        elif session.log_p < kept[-1].log_p:
            kept[-1] = session
        last = session
    return kept


def merged(groups: Sequence[Sequence[int]], share: float) -> list[list[int]]:
    """Unite groups that share at least `share` of the smaller one's members; sorted, largest first."""
    pending = sorted({tuple(sorted(group)) for group in groups}, key=lambda g: (-len(g), g))
    result: list[set[int]] = []
    for group in pending:
        members = set(group)
        home = next((known for known in result if len(known & members) >= share * len(members)), None)
        if home is None:
            result.append(members)
        elif len(members - home) <= len(home):
            home |= members
    return sorted((sorted(group) for group in result), key=lambda g: (-len(g), g))


def best_of(groups: dict[int, Group], share: float) -> dict[int, Group]:
    """Of groups that overlap by at least `share` of the smaller, the one chance explains least."""
    chosen: dict[int, Group] = {}
    for number, group in sorted(groups.items(), key=lambda item: (item[1].log_p, item[1].members)):
        members = set(group.members)
        if all(
            len(members & set(other.members)) < share * min(len(members), len(other.members))
            for other in chosen.values()
        ):
            chosen[number] = group
    return chosen


def _llr(count: float, expected: float) -> float:
    return float(count * np.log(count / expected) - (count - expected)) if count > expected else 0.0


def pairs_between(tables: duckdb.DuckDBPyConnection, query: str, **parameters: float) -> tuple[Ints, Ints, Floats]:
    """Run a pair query returning (a, b, llr) as arrays."""
    columns = tables.execute(query, parameters).fetchnumpy()
    return (
        np.asarray(columns["a"], np.int64),
        np.asarray(columns["b"], np.int64),
        np.asarray(columns["llr"], np.float64),
    )

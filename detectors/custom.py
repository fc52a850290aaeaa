"""The city's weekly custom as matrices, and who began to come where: what a change point in it is told from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

from detectors.chance import Floats, log_tail
from detectors.communities import Ints
from detectors.groups import read_sql
from detectors.steps import PRIOR, Expectation, expected_by_peers, from_week, spread_of
from graphaudit.findings import BenignCause, Text

#: Nearness falls to a third in so many kilometres (as for the customers of a suspended site).
REACH_KM = 3.0
#: A persons' week below this share of what is expected is one in which the site was shut or its feed failed.
SILENT = 0.35
#: Fewer sites of a level are compared with all of their kind.
LEAST_PEERS = 8
#: Twice the neighbours, at odds of e to this against chance, are an outlet's success.
SUCCESS = 5.0
#: Of a group that comes one by one no more than this share begins on the same day; an outing does.
MOST_ON_A_DAY = 0.34
#: Beyond the distance that this share of the peers' new customers come from is out of the area.
NEAR = 0.9
#: What a site's own customers come from: the distance of so many of them.
REACH = 0.75


@dataclass(frozen=True, slots=True)
class Custom:
    """Sites (ascending) × weeks: `persons` who came, `arrivals` of those who stay, and the peers' expectation of each.

    `distant` are the arrivals from out of the area, `distant_expected` what the outlet's other customers let expect among so
    many new ones. `reach` is how far (km) three of four of a site's old customers come from, infinite where none is known;
    weeks count from `first_day`. `began` has a row for each arrival: person_no, site, day, week, km, is_distant; `moves` one for each place that an arrival's
    custom was withdrawn from: person_no, site, week, from_site. Sites are numbered by their place in `sites`.
    """

    sites: pd.DataFrame
    persons: Floats
    usual: Expectation
    arrivals: Floats
    expected: Expectation
    distant: Floats
    distant_expected: Expectation
    persons_spread: float
    spread: float
    began: pd.DataFrame
    moves: pd.DataFrame
    first: int
    first_day: int
    reach: Floats

    @classmethod
    @contextmanager
    def of(
        cls, tables: duckdb.DuckDBPyConnection, *, burn_in: int, least_days: int, longest: int
    ) -> Iterator[Custom | None]:
        """Read it; None where no site has a past. The temporary table `arrivals` stands meanwhile."""
        tables.execute(
            f"CREATE OR REPLACE TEMP TABLE arrivals AS {read_sql('sudden_custom_arrivals')}",
            {"burn_in": burn_in, "least_days": least_days},
        )
        try:
            yield cls._read(tables, burn_in=burn_in, least_days=least_days, longest=longest)
        finally:
            tables.execute("DROP TABLE arrivals")

    @classmethod
    def _read(cls, tables: duckdb.DuckDBPyConnection, *, burn_in: int, least_days: int, longest: int) -> Custom | None:
        weekly = tables.execute(read_sql("sudden_custom_weeks")).df()
        if weekly.empty:
            return None
        first_day = int(weekly["first_day"].iloc[0])
        weeks = int(weekly["week"].max()) + 1
        sites = tables.execute(read_sql("sudden_custom_sites")).df()
        sites = sites[sites["site_no"].isin(weekly["site_no"])].reset_index(drop=True)
        place = pd.Series(np.arange(len(sites)), index=sites["site_no"])
        groups = _peers(sites)
        persons, arrivals = (
            _matrix(place[weekly["site_no"]], weekly["week"], weekly[name], len(sites), weeks)
            for name in ("persons", "arrivals")
        )
        sizes = persons.sum(axis=1)
        moves = tables.execute(read_sql("sudden_custom_moves")).df()
        customers = tables.execute(read_sql("sudden_custom_places"), {"least_days": least_days}).df()
        for rows, names in ((customers, ("site_no",)), (moves, ("site_no", "from_site"))):
            rows["week"] = (rows["day"] - first_day) // 7
            for name in names:
                rows[name.replace("_no", "")] = rows[name].map(place)
        moves = moves.dropna(subset=["site", "from_site"])
        moves = moves[moves["week"] < weeks].astype({"site": np.int64, "from_site": np.int64})
        customers = customers.dropna(subset=["site"]).astype({"site": np.int64})
        far = customers["km"].groupby(groups[customers["site"]]).transform(lambda km: km.quantile(NEAR))
        customers["is_distant"] = customers["km"] > far
        is_new = customers["day"].notna()
        # how many customers of the outlet are from out of the area anyway
        usual = (
            customers[~is_new]
            .groupby("site")["is_distant"]
            .agg(["sum", "count"])
            .reindex(range(len(sites)), fill_value=0)
        )
        share = ((usual["sum"] + PRIOR * (1 - NEAR)) / (usual["count"] + PRIOR)).to_numpy(np.float64)
        reach = customers[~is_new].groupby("site")["km"].quantile(REACH).reindex(range(len(sites)))
        began = customers[is_new & (customers["week"] < weeks)].astype({"week": np.int64, "day": np.int64})
        began["is_distant"] &= ~began["has_business"]
        distant = np.zeros_like(persons)
        np.add.at(distant, (began["site"][began["is_distant"]], began["week"][began["is_distant"]]), 1.0)
        first = -(-burn_in // 7)
        expected = expected_by_peers(arrivals, sizes, groups, ahead=longest)
        by_peers = expected_by_peers(persons, sizes, groups)
        return cls(
            sites=sites,
            persons=persons,
            usual=by_peers,
            arrivals=arrivals,
            expected=expected,
            distant=distant,
            distant_expected=_among(arrivals, distant, share, longest),
            persons_spread=spread_of(persons, by_peers.means),
            spread=spread_of(arrivals[:, first:], expected.means[:, first:]),
            began=began,
            moves=moves,
            first=first,
            first_day=first_day,
            reach=reach.fillna(np.inf).to_numpy(np.float64),
        )

    @property
    def weeks(self) -> int:
        """Number of whole weeks."""
        return int(self.persons.shape[1])

    def bought(self, tables: duckdb.DuckDBPyConnection, site: int, persons: Sequence[int]) -> pd.DataFrame:
        """What each of `persons` settled at a site since he began to come: person_no, settlement_no, same_doctor.

        Reads the temporary table `arrivals`; `same_doctor` says that a doctor there had treated him elsewhere before.
        """
        site_no = int(self.sites["site_no"].iloc[site])
        return tables.execute(
            read_sql("sudden_custom_bought"), {"persons": list(persons), "sites": [site_no] * len(persons)}
        ).df()

    def is_told(self, site: int, begin: int, days: pd.Series) -> bool:
        """Whether a rise at an outlet tells of a group: it was open before, its feed whole, and they came one by one."""
        return self.was_open(site, begin) and not self.was_silent(site, begin) and self.one_by_one(days)

    def was_silent(self, site: int, begin: int) -> bool:
        """Whether the site was shut, or its feed failed, in one of the three weeks before: what was held back comes then."""
        earlier = slice(max(begin - 3, 0), begin + 1)
        return bool(self.sites["has_gaps"].iloc[site]) or bool(
            (self.persons[site, earlier] < SILENT * self.usual.means[site, earlier]).any()
        )

    def was_open(self, site: int, begin: int) -> bool:
        """Whether the site had custom from the first weeks on: what is new grows."""
        return bool(self.persons[site, : min(self.first, begin)].sum() > 0)

    def loses(self, site: int, begin: int) -> bool:
        """Whether from week `begin` on more than half of the site's own custom is gone, against its peers."""
        before, after = slice(0, begin), slice(begin + 1, None)
        ratio = [
            float(self.persons[site, w].sum() / max(self.usual.base[site, w].sum(), 1e-9)) for w in (before, after)
        ]
        level = float(self.persons[site, before].mean()) if begin else 0.0
        return ratio[1] < 0.5 * ratio[0] or float(self.persons[site, after].mean()) < 0.5 * level

    @staticmethod
    def one_by_one(days: pd.Series) -> bool:
        """Whether those who began on `days` did so each for himself, not on one occasion."""
        return bool(days.value_counts().max() <= max(MOST_ON_A_DAY * len(days), 1))

    def same_chain(self, one: int, other: int) -> bool:
        """Whether two sites belong to one chain."""
        chains = self.sites["chain_id"].iloc[[one, other]]
        return bool(chains.notna().all() and chains.nunique() == 1)

    def had_to_go(self, persons: pd.Series, site: int, begin: int) -> pd.Series:
        """Which of `persons` came to the site from one that loses its custom, or from another shop of its chain."""
        rows = self.moves[(self.moves["site"] == site) & self.moves["person_no"].isin(persons)]
        reasons = [
            place
            for place in sorted(set(rows["from_site"]))
            if self.loses(place, begin) or self.same_chain(place, site)
        ]
        return persons.isin(rows.loc[rows["from_site"].isin(reasons), "person_no"])

    def draws_its_neighbours(self, site: int, weeks: slice) -> bool:
        """Whether those from nearby come in numbers too: the outlet's own success, or a promotion."""
        near = float((self.arrivals - self.distant)[site, weeks].sum())
        usual = max(float(self.expected.within(weeks.start, weeks.stop)[site].sum()), 0.5)
        return near >= 2 * usual and float(log_tail(near, usual)) <= -SUCCESS

    def pull(self, from_site: int) -> Floats:
        """The share of those who leave a site that nearness and size send to each other site of its kind; 0 elsewhere."""
        sites, here = self.sites, self.sites.iloc[from_site]
        north = (sites["latitude"] - here["latitude"]).to_numpy(np.float64)
        east = (sites["longitude"] - here["longitude"]).to_numpy(np.float64) * np.cos(
            np.radians((sites["latitude"] + here["latitude"]).to_numpy(np.float64) / 2)
        )
        weight = np.sqrt(self.persons.sum(axis=1)) * np.exp(-111.2 * np.hypot(north, east) / REACH_KM)
        weight[(sites["kind"] != here["kind"]).to_numpy() | ~np.isfinite(weight)] = 0.0
        weight[from_site] = 0.0
        return np.asarray(weight / max(float(weight.sum()), 1e-12), np.float64)


def followed_their_doctor(bought: pd.DataFrame) -> BenignCause:
    """The innocent cause that persons came with a doctor; `bought` is what Custom.bought gives of them."""
    doctors = bought.drop_duplicates("person_no")["same_doctor"]
    n, same = len(doctors), float(doctors.mean())
    return BenignCause(
        "followed_their_doctor",
        0.9 * same,
        Text(
            f"{n}人中有{same * n:.0f}人在此由以前看过的医师接诊",
            f"{same * n:.0f} of {n} are treated here by a doctor whom they saw elsewhere before",
        ),
    )


def _peers(sites: pd.DataFrame) -> Ints:
    """Who is compared: sites of the same kind and level where there are enough of them, else of the same kind."""
    of_level = sites["kind"] + "/" + sites["level"]
    few = of_level.groupby(of_level).transform("size") < LEAST_PEERS
    return np.asarray(pd.factorize(of_level.where(~few, sites["kind"]), sort=True)[0], np.int64)


def _among(arrivals: Floats, distant: Floats, usual: Floats, ahead: int) -> Expectation:
    """How many of the arrivals are from out of the area by the largest of three shares: of other customers, before, later."""
    share = usual[:, None] * np.ones_like(arrivals)
    before = [np.cumsum(x, axis=1) - x for x in (distant, arrivals)]
    later = [from_week(x, ahead) for x in (distant, arrivals)]
    for part, whole in (before, later):
        share = np.maximum(share, (part + PRIOR * usual[:, None]) / (whole + PRIOR))
    return Expectation(arrivals, share)


def _matrix(rows: pd.Series, columns: pd.Series, values: pd.Series, height: int, width: int) -> Floats:
    result = np.zeros((height, width))
    result[rows.to_numpy(), columns.to_numpy()] = values.to_numpy(np.float64)
    return result

"""What chance alone makes of a whole search: the same pairs, communities and regrowth on exchanged persons.

A shuffle keeps every slot of a site's calendar (day, time, terminal, length of stay) and exchanges the persons between
the slots of one site, weekday and hour: each site keeps each day's volume, each person the own weekdays and hours there.
What still meets does so by luck, and the search is run on it as on the city itself. A shuffle takes one shard of the
city, sites that share their visitors, so that its cost does not grow with the city.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np

from detectors.chance import tail_share
from detectors.groups import ODD, Gathering, Group, Stream, read_sql

#: Events that one shuffle exchanges: some ten sites of ordinary size, 1 % of a city of three million settlements.
SHARD_EVENTS = 30_000

#: With fewer chance groups than this, shuffles say nothing about how strong such groups become.
LEAST_GROUPS = 3


@dataclass(frozen=True, slots=True)
class Null:
    """Surprise (-ln of the union bound, in nats) of every group that the search found in shuffles, ascending."""

    surprises: tuple[float, ...]
    shuffles: int

    def p_value(self, surprise: float) -> float:
        """Chance of a group at least so surprising (nats) among those that luck brings through the search.

        The union bound pays for all groups that could have been chosen, but takes sessions for independent; the
        shuffles know how sessions and candidates hang together, but only so many of them can be had. Each is too
        small where its own assumption fails, so the larger counts.
        """
        bound = float(np.exp(min(0.0, -surprise)))
        if len(self.surprises) < LEAST_GROUPS:
            return bound
        return max(bound, tail_share(self.surprises, surprise))


def null_of(
    tables: duckdb.DuckDBPyConnection,
    stream: Stream,
    searched: Callable[[Gathering], Sequence[Group]],
    *,
    shuffles: int,
    seed: int,
    events: str = "",
) -> Null:
    """Run `searched`, a whole search over the open stream, on `shuffles` shards of the city with persons exchanged.

    `events` is the query for the stream's events where they stand already. Which sites, and who takes whose slot, follows
    from `seed` alone.
    """
    found: list[float] = []
    # classes of events whose numbers each day are kept: odd visits cluster on check-up days whoever comes
    stratum = f"odd_p <= {ODD}" if stream.graded else "FALSE"
    tables.execute(
        f"CREATE OR REPLACE TEMP TABLE unshuffled AS SELECT *, {stratum} AS stratum"
        f" FROM ({events or read_sql(f'{stream.name}_stream')})"
    )
    try:
        for number in range(shuffles):
            generator = np.random.default_rng([seed, number])
            sites = _shard(tables, generator)
            draw = int(generator.integers(2**31))
            with Gathering.of(tables, stream, _exchanged(stream), sites=sites, draw=draw) as gathering:
                found += [group.surprise for group in searched(gathering)]
    finally:
        tables.execute("DROP TABLE unshuffled")
    return Null(tuple(sorted(found)), shuffles)


def _exchanged(stream: Stream) -> str:
    """The query of a shard's events, each with the person (and what goes with the person) of another."""
    personal = ", ".join(f"w.{name} AS {name}" for name in stream.personal)
    return (
        f"SELECT s.* EXCLUDE (stratum) REPLACE ({personal}) FROM ({read_sql('exchanged')}) AS x"
        " JOIN unshuffled AS s ON s.settlement_no = x.settlement_no"
        " JOIN unshuffled AS w ON w.settlement_no = x.taken_by"
    )


def _shard(tables: duckdb.DuckDBPyConnection, generator: np.random.Generator) -> list[int]:
    """Sites of one shard, the first drawn by its events; sites with more events than a shard holds are left out."""
    sites, events = zip(
        *tables.execute(
            "SELECT site_no, count(*) AS n FROM unshuffled GROUP BY site_no ORDER BY n, site_no"
        ).fetchall(),
        strict=True,
    )
    n = np.array(events, np.float64)
    n[(n > SHARD_EVENTS) & (np.arange(len(n)) > 0)] = 0
    first = int(generator.choice(np.array(sites), p=n / n.sum()))
    rows = tables.execute(read_sql("shard_sites"), {"first": first, "events": SHARD_EVENTS}).fetchall()
    return [int(site) for (site,) in rows]

"""Groups as single channels show them: what a threshold on any one measure, or a tree over all of them, could use.

Companions and hidden rings must look alike here. What stays different is how the channels go together: who buys
what others of the group buy, whether goods fit the person, who serves, and what else the person's life shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from graphaudit.simulation.bills import lines_of, totals
from graphaudit.simulation.city import City, Group, Plan, found_city
from graphaudit.simulation.honest.company import plan_companions
from graphaudit.simulation.people import EMPLOYEE, FEMALE, SOCIAL_CARD
from graphaudit.simulation.places import PHARMACY
from graphaudit.simulation.rings import hoarded_cards
from graphaudit.simulation.sizes import DAY, HOUR, SIZES, camouflage_at

Column = NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class Seen:
    """One group and the visits that belong to it."""

    members: Column
    visits: Column


def planned(level: int, seed: int, companions: int, rings: int) -> tuple[City, list[Seen], list[Seen]]:
    """A small city with so many companions and rings of gathered cards; nothing of ordinary life is drawn."""
    size = replace(SIZES["small"], companion_groups=companions)
    city = found_city(size, camouflage_at(level), seed)
    nobody = np.zeros(len(city.people), dtype=bool)
    plan = Plan(engaged=nobody.copy(), settled=nobody.copy())
    plan_companions(city, plan)
    honest = [Seen(_persons(group), made) for group, made in zip(plan.benign, plan.visits, strict=True)]
    for number in range(rings):
        hoarded_cards.plant(city, plan, city.streams.of("overlap", number))
    everything = np.concatenate(plan.visits)
    hidden = [Seen(_persons(ring), everything[everything["ring"] == n]) for n, ring in enumerate(plan.rings)]
    return city, honest, hidden


def _persons(group: Group) -> Column:
    return np.array([member.number for member in group.members if member.type == "person"])


def _spread(values: Column) -> tuple[float, float]:
    return (float(values.mean()), float(values.std())) if len(values) else (0.0, 0.0)


def _entropy(values: Column) -> float:
    share = np.unique(values, return_counts=True)[1] / max(1, len(values))
    return float(-(share * np.log(share)).sum())


def _top(values: Column) -> float:
    return float(np.unique(values, return_counts=True)[1].max() / len(values)) if len(values) else 0.0


def channels(city: City, seen: Seen) -> dict[str, float]:
    """Every measure of one channel: counts, times, places, sums, kinds of goods, credentials, homes."""
    people, sites, goods = city.people, city.places.sites, city.goods
    made = seen.visits[np.argsort(seen.visits["at"], kind="stable")]
    person, site, at = made["person"], made["site"], made["at"].astype(np.int64)
    new = np.r_[True, np.diff(at) > 1.2 * DAY]  # a pause of a day ends a session
    session = np.cumsum(new) - 1
    sessions = int(session[-1]) + 1
    first = np.flatnonzero(new)
    last = np.r_[first[1:], len(at)] - 1
    span = (at[last] - at[first]) / HOUR
    came = np.unique(np.stack([session, person]), axis=1)[0]
    size = len(seen.members)
    between = np.diff(at[first]) / DAY
    gaps = np.diff(at)[np.diff(at) <= 1.2 * DAY] / 60
    lines = lines_of(city, made)
    total = totals(lines, len(made)) / 100
    drug = goods.items.is_drug[lines.item]
    chronic = np.isin(made["diagnosis"], goods.diagnoses.of_course("chronic"))
    home = people.neighbourhood[seen.members]
    hoods = city.places.neighbourhoods
    apart = np.hypot(hoods.x[home] - hoods.x[home].mean(), hoods.y[home] - hoods.y[home].mean())
    lives = people.neighbourhood[person]
    way = np.hypot(hoods.x[lives] - sites.x[site], hoods.y[lives] - sites.y[site])
    hour = at % DAY / HOUR
    credential = np.bincount(made["credential"], minlength=4)[1:] / len(made)
    served = np.where(made["operator"] >= 0, made["operator"], sites.operator_at(site, at, made["number"]))
    desks = site.astype(np.int64) * 100 + served
    most = [np.unique(desks[site == s], return_counts=True)[1].max() for s in np.unique(site)]
    sites_met = [len(np.unique(site[session == s])) for s in range(sessions)]
    return {
        "size": size,
        "visits": len(made) / size,
        "sessions": sessions,
        "period": float(at[-1] - at[0]) / DAY,
        "between_mean": _spread(between)[0], "between_sd": _spread(between)[1],
        "between_least": float(between.min()) if len(between) else 0.0,
        "attendance": len(came) / sessions / size,
        "attendance_sd": _spread(np.bincount(came, minlength=sessions) / size)[1],
        "member_sd": _spread(np.bincount(np.searchsorted(seen.members, person), minlength=size) / sessions)[1],
        "spread": float(np.median(span)), "spread_mean": float(span.mean()), "spread_most": float(span.max()),
        "gap": float(np.median(gaps)) if len(gaps) else 0.0,
        "gap_least": float(np.quantile(gaps, 0.1)) if len(gaps) else 0.0,
        "gap_mean": _spread(gaps)[0],
        "hour": float(hour.mean()), "hour_sd": float(hour.std()),
        "early": float((hour < 9).mean()), "late": float((hour > 18).mean()),
        "weekday": _entropy((city.begins.weekday() + at // DAY) % 7),
        "sites": len(np.unique(site)), "top_site": _top(site), "site_entropy": _entropy(site),
        "sites_at_once": float(np.mean(sites_met)),
        "served_by_one": float(np.sum(most)) / len(made),
        "pharmacies": float((sites.kind[site] == PHARMACY).mean()),
        "way": float(np.median(way)), "way_mean": float(way.mean()), "way_sd": float(way.std()),
        "homes": len(np.unique(home)) / size, "top_home": _top(home), "apart": float(apart.mean()),
        "amount": float(total.mean()), "amount_median": float(np.median(total)), "amount_sd": float(total.std()),
        "amount_most": float(np.quantile(total, 0.9)), "amount_all": float(total.sum()),
        "drugs": float((lines.amount_fen * drug).sum() / max(1, lines.amount_fen.sum())),
        "lines": len(lines.visit) / len(made),
        "quantity": float(lines.quantity[drug].mean()) if drug.any() else 0.0,
        "supply": float(lines.days[drug].mean()) if drug.any() else 0.0,
        "supply_most": float(np.quantile(lines.days[drug], 0.9)) if drug.any() else 0.0,
        "refills": float(chronic.mean()),
        "diagnoses": len(np.unique(made["diagnosis"])), "diagnosis_entropy": _entropy(made["diagnosis"]),
        "electronic": float(credential[0]), "plastic": float(credential[SOCIAL_CARD - 1]),
        "age": float(people.age[seen.members].mean()), "age_sd": float(people.age[seen.members].std()),
        "women": float((people.sex[seen.members] == FEMALE).mean()),
        "employees": float((people.insurance[seen.members] == EMPLOYEE).mean()),
        "chronic": float((people.chronic[seen.members, 0] >= 0).mean()),
    }  # fmt: skip


def table(cities: Iterable[tuple[City, list[Seen], list[Seen]]]) -> tuple[list[str], Column, Column]:
    """Names of the channels, one row a group, and whether it is a ring."""
    rows: list[dict[str, float]] = []
    labels: list[bool] = []
    for city, honest, hidden in cities:
        for label, groups in ((False, honest), (True, hidden)):
            for seen in groups:
                if len(np.unique(seen.visits["at"])) > 2:
                    rows.append(channels(city, seen))
                    labels.append(label)
    return list(rows[0]), np.array([list(row.values()) for row in rows]), np.array(labels)

"""What all rings share: who is in, when they meet, who is missing, how much they hide."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphaudit.simulation.city import City, Group, Member, Plan, SignIn, people_of, strangers, with_patients
from graphaudit.simulation.identity import operator_code
from graphaudit.simulation.ordinary import at_doctor
from graphaudit.simulation.places import PHARMACY
from graphaudit.simulation.randomness import Column
from graphaudit.simulation.sizes import DAY, HOUR, MINUTE
from graphaudit.simulation.visits import OUTPATIENT, SHOP, visits_of

SMALLEST = 5
SECOND_TERMINAL = 60  # number of a desk that no daily routine uses

#: Members who act beside the ring's visits: who gathers, pays, reviews on paper, or sells without being settled.
UNSEEN_ROLES = frozenset({"recruiter", "payee", "handler", "hidden_site"})


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who came when: one entry a person and session."""

    session: Column
    member: Column  # index into the members
    day: Column


def ring_size(city: City, rng: np.random.Generator, most: int | None = None) -> int:
    """Persons of a ring, log-uniform from five to the size's largest (or `most`)."""
    largest = min(most or city.size.largest_ring, city.size.largest_ring)
    return int(np.exp(rng.uniform(np.log(SMALLEST), np.log(largest + 0.99))))


def recruit(
    city: City,
    plan: Plan,
    count: int,
    rng: np.random.Generator,
    *,
    local: float = 0.5,
    least: float = 22,
    most: float = 84,
    patients: float | None = None,
) -> Column:
    """Members of different households: a share from one neighbourhood, the rest from anywhere; they become engaged.

    `patients` is the share of people with a chronic illness, whose cards pay better; None takes them as they come.
    """
    neighbourhood = int(rng.integers(0, len(city.places.neighbourhoods)))
    drawn = count if patients is None else 6 * count
    near = people_of(city, plan, neighbourhood, round(drawn * local), rng, least=least, most=most)
    if patients is not None:
        near = with_patients(city, near, round(count * local), patients)
    plan.engaged[near] = True
    far = strangers(city, plan, drawn + 8, rng, least=least, most=most)
    far = far[~np.isin(city.people.household[far], city.people.household[near])]
    rest = count - len(near)
    members = np.concatenate([near, far[:rest] if patients is None else with_patients(city, far, rest, patients)])
    plan.engaged[members] = True
    return rng.permutation(members)


def thin_own_life(city: City, members: Column, rng: np.random.Generator) -> None:
    """Members who handed their card over live less on it, unless theirs was taken without their knowing."""
    hijacked = rng.random(len(members)) < city.camouflage.hijacked
    city.people.activity[members[~hijacked]] *= rng.uniform(0.35, 0.8, int((~hijacked).sum()))


def complicit_sites(city: City, rng: np.random.Generator, *kinds: int, near: int | None = None) -> Column:
    """The ring's sites, as many as the camouflage asks for; level 2 prefers busy ones near the members' homes."""
    dial = city.camouflage
    count = int(rng.integers(dial.fewest_sites, dial.most_sites + 1))
    sites = city.places.sites
    pool = sites.of_kind(*kinds)
    pool = pool[sites.always_open(city.seconds)[pool]]
    custom = (
        np.bincount(city.people.pharmacy, minlength=len(sites))[pool]
        + np.bincount(city.people.clinic, minlength=len(sites))[pool]
    )
    weight = np.sqrt(custom + 1.0) if dial.level == 2 else np.ones(len(pool))
    if near is not None:
        home = city.people.neighbourhood[near]
        hoods = city.places.neighbourhoods
        distance = np.hypot(sites.x[pool] - hoods.x[home], sites.y[pool] - hoods.y[home])
        weight = weight * np.exp(-distance / 6.0) + 1e-6
    chosen: Column = rng.choice(pool, min(count, len(pool)), replace=False, p=weight / weight.sum())
    return chosen


def session_days(city: City, rng: np.random.Generator, least: int = 8, most: int = 14) -> Column:
    """Irregular days of the ring's sessions, sorted; more of them in a longer city, but not in proportion."""
    count = int(rng.integers(least, most + 1) * max(1.0, np.sqrt(city.size.days / 181)))
    first = int(rng.integers(0, city.size.days // 6))
    last = int(city.size.days - 3 - rng.integers(0, city.size.days // 6))
    return np.sort(rng.choice(np.arange(first, last), min(count, last - first), replace=False))


def attendance(city: City, members: int, days: Column, rng: np.random.Generator, *, rests: bool = True) -> Attendance:
    """Who comes to which session: members rest by the month, and those awake come with the level's attendance."""
    dial = city.camouflage
    months = city.size.days // 30 + 1
    comes = dial.attendance + (rng.uniform(-0.1, 0.1) if dial.level else 0.0)  # no two rings that hide are alike
    awake = rng.random((months, members)) >= dial.sleeping * rests
    present = awake[days // 30] & (rng.random((len(days), members)) < comes)
    few = present.sum(axis=1) < 2
    present[few] |= rng.random((int(few.sum()), members)) < comes
    session, member = np.nonzero(present)
    return Attendance(session, member, days[session])


def session_times(city: City, came: Attendance, site: Column, rng: np.random.Generator) -> Column:
    """Seconds of settlement: at level 0 card after card within the hour, at level 2 in clumps over two days."""
    dial, sites = city.camouflage, city.places.sites
    sessions = int(came.session.max()) + 1 if len(came.session) else 0
    order = np.lexsort((rng.random(len(came.session)), came.session))
    place = np.empty(len(order), dtype=np.int64)
    starts = np.searchsorted(came.session[order], np.arange(sessions))
    place[order] = np.arange(len(order)) - starts[came.session[order]]
    per_site = np.zeros(sessions, dtype=np.int64)
    per_site[came.session] = site
    opens, closes = sites.opens[per_site], sites.closes[per_site]
    room = np.maximum(closes - opens - 2.2, 0.5)
    start = ((opens + 0.5 + rng.random(sessions) * room) * HOUR).astype(np.int64)
    gaps = rng.integers(25, 170, len(order))
    if dial.level == 0:
        result: Column = (
            came.day * DAY + start[came.session] + place * np.minimum(gaps, HOUR // np.maximum(place + 1, 12))
        )
        return result
    if dial.level == 1:
        clump, pause = rng.integers(0, 3, len(order)), int(rng.uniform(35, 75) * MINUTE)
        return (
            came.day * DAY
            + start[came.session]
            - 90 * MINUTE
            + clump * pause
            + rng.integers(0, 25 * MINUTE, len(order))
        )
    later, width = rng.random(len(order)) < rng.uniform(0.3, 0.6), int(rng.uniform(45, 120) * MINUTE)
    return (came.day + later) * DAY + start[came.session] + rng.integers(-width, width, len(order))


def within_hours(city: City, made: Column) -> None:
    """Pull settlement times into the opening hours of the site, in place."""
    sites = city.places.sites
    site = made["site"]
    second = made["at"] % DAY
    opens, closes = sites.opens[site] * HOUR, sites.closes[site] * HOUR
    pulled = np.clip(second, opens + second % 1_700, closes - 1 - second % 1_700)
    made["at"] = made["at"] // DAY * DAY + pulled


def betrays(city: City, count: int, rng: np.random.Generator) -> Column:
    """Which visits carry one of the ring's technical traces; some rings that hide are more careful than others."""
    dial = city.camouflage
    return rng.random(count) < dial.betrayal + (rng.uniform(-0.2, 0.2) if dial.level else 0.0)


def cover_visits(city: City, made: Column, rng: np.random.Generator) -> Column:
    """Ordinary-looking visits of the same persons: at their own places, at level 2 at busy ones."""
    people, goods, dial = city.people, city.goods, city.camouflage
    chosen = np.repeat(made, dial.cover_visits)
    n = len(chosen)
    cover = visits_of(n)
    if not n:
        return cover
    person = chosen["person"]
    busy = city.places.nearby(PHARMACY, people.neighbourhood[person], rng.random(n))
    shop = rng.random(n) < 0.65
    own = np.where(shop, people.pharmacy[person], people.clinic[person])
    cover["person"] = person
    cover["site"] = np.where(shop & (dial.level == 2) & (rng.random(n) < 0.5), busy, own)
    acute = goods.diagnoses.of_course("acute")
    common = acute[(goods.diagnoses.sex[acute] == 0) & (goods.diagnoses.age_to[acute] > 70)]
    diagnosis = common[rng.integers(0, len(common), n)]
    chronic = people.chronic[person, 0]
    diagnosis = np.where((chronic >= 0) & (rng.random(n) < 0.4), chronic, diagnosis)
    cover["diagnosis"], cover["kind"] = diagnosis, np.where(shop, SHOP, OUTPATIENT)
    cover["template"] = np.where(shop, goods.shop[diagnosis], goods.outpatient[diagnosis])
    cover["basket"] = rng.integers(0, 1 << 60, n)
    day = np.clip(chosen["at"] // DAY + rng.integers(-9, 10, n), 0, city.size.days - 1)
    cover["at"] = day * DAY + (people.hour[person] * HOUR).astype(np.int64) + rng.integers(-HOUR, HOUR, n)
    within_hours(city, cover)
    cover["begin"], cover["end"] = np.where(shop, cover["at"], cover["at"] - 25 * MINUTE), cover["at"]
    cover["credential"] = people.credential[person]
    at_doctor(city, cover)
    return cover


def name_only_seen(city: City, group: Group, made: Column) -> None:
    """Strike members who appear in none of the ring's visits, in place."""
    codes = city.places.sites.codes
    named = made[made["operator"] >= 0]
    desks = set(zip(named["site"].tolist(), named["operator"].tolist(), strict=True))
    sites: set[int | str] = set(made["site"].tolist())
    seen: dict[str, set[int | str]] = {
        "person": set(made["person"].tolist()),
        "doctor": set(made["doctor"].tolist()),
        "institution": sites,
        "pharmacy": sites,
        "card": set(made["card_of"].tolist()),
        "handler": {f"{codes[site]}:{operator_code(operator)}" for site, operator in desks},
    }
    group.members = [m for m in group.members if m.role in UNSEEN_ROLES or m.number in seen[m.type]]


def admit(city: City, plan: Plan, group: Group, made: Column) -> None:
    """Add the ring to the plan, without those members who never appear in one of its visits."""
    name_only_seen(city, group, made)
    plan.rings.append(group)


def enter(city: City, plan: Plan, group: Group, made: Column, rng: np.random.Generator) -> Column:
    """Put a ring and its visits into the plan, cover added; returns the visits that fall into the city's time."""
    made = made[(made["at"] >= 0) & (made["at"] < city.seconds)]
    made["ring"] = len(plan.rings)
    plan.add(made)
    plan.add(cover_visits(city, made[np.isin(made["kind"], (SHOP, OUTPATIENT))], rng))
    admit(city, plan, group, made)
    return made


def sign_in_sessions(city: City, plan: Plan, made: Column, terminal: int | None = None) -> None:
    """Sign the ring's operators in at `terminal` while they work for it, or at the first desk on days off duty."""
    sites = city.places.sites
    named = made[made["operator"] >= 0]
    day = named["at"] // DAY
    cells = np.unique(np.stack([named["site"], named["operator"], day], axis=1), axis=0)
    duty = sites.is_on_duty(cells[:, 0], cells[:, 1].astype(np.int64), cells[:, 2].astype(np.int64))
    for (site, operator, on), works in zip(cells.tolist(), duty.tolist(), strict=True):
        if works and terminal is None:
            continue
        at = named["at"][(named["site"] == site) & (named["operator"] == operator) & (day == on)]
        desk = 0 if terminal is None else terminal
        plan.sign_ins.append(SignIn(site, operator, desk, int(at.min()) - 7 * MINUTE, int(at.max()) + 11 * MINUTE))


def named_members(kind: str, role: str, numbers: Column) -> list[Member]:
    return [Member(kind, int(n), role) for n in np.sort(np.asarray(numbers))]

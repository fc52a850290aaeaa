"""A row of pharmacies with customers of their own: the town of the detectors that look at who comes where."""

from __future__ import annotations

import numpy as np

from tests.detectors.finding_reader import START, numbered, visit

SPAN, MOVE = 252, 140
#: Pharmacies two kilometres apart in a row; the place left is the first, the outlet lies twelve kilometres off.
SITES = range(8)
LEFT, OUTLET, NEXT_DOOR = 0, 6, 1
CLINICS = (20, 21)


def places(**more):
    """The pharmacies, and a clinic beside the place left and one between."""
    row = [(site, "pharmacy", 0.018 * site) for site in SITES]
    clinics = [(CLINICS[0], "institution", 0.001), (CLINICS[1], "institution", 0.055)]
    return [
        {"site_no": site, "kind": kind, "longitude": 120.0, "latitude": 36.0 + north, **more.get(str(site), {})}
        for site, kind, north in [*row, *clinics]
    ]


def buys(person, site, first, last, times, random, **more):
    days = random.choice(np.arange(first, last), times, replace=False)
    return [visit(person, day, random.uniform(8, 18), site, kind="pharmacy", **more) for day in sorted(days.tolist())]


def town(seed=1, customers=10, churn=6):
    """Every pharmacy's own customers, and for each some of its neighbour's who change to it, each at his own time."""
    random = np.random.default_rng(seed)
    rows = [
        row
        for site in SITES
        for p in range(customers)
        for row in buys(1000 * (site + 1) + p, site, 0, SPAN, 14, random)
    ]
    for site in SITES:
        neighbour = site - 1 if site else 1
        for p in range(churn):
            when = int(random.integers(60, SPAN - 40))
            person = 1000 * (site + 1) + 500 + p
            rows += buys(person, neighbour, 0, when, 5, random) + buys(person, site, when, SPAN, 5, random)
    return rows


def sent_to(site, people):
    """Registrations that name `site` for each of `people`."""
    return [
        {
            "registration_id": f"R{p}",
            "kind": "designated_site",
            "person_no": p,
            "site_no": site,
            "from_on": START.date(),
        }
        for p in people
    ]


def built(city, rows, order=lambda rows: rows, sites=None, **tables):
    return city(order(numbered(rows)), sites=sites or places(), **tables)

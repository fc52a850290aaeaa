"""From visits to fee lines and from lines to who pays what. All amounts in fen; they add up exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphaudit.simulation.city import City
from graphaudit.simulation.people import EMPLOYEE
from graphaudit.simulation.places import REMOTE, VILLAGE
from graphaudit.simulation.randomness import Column, below, mix, share
from graphaudit.simulation.sizes import DAY
from graphaudit.simulation.visits import BIRTH, CHRONIC, DAY_SURGERY, SHOP, STAY

LINE_BITS = 5  # a visit has at most 2**LINE_BITS lines


@dataclass(frozen=True, slots=True)
class Lines:
    """One entry a fee line, in the order of the visits they belong to."""

    visit: Column  # index into the visits
    number: Column  # unique over the city
    item: Column
    quantity: Column
    price_fen: Column
    amount_fen: Column
    days: Column
    at: Column
    pack: Column  # key of the package handed over; 0 = not a drug


@dataclass(frozen=True, slots=True)
class Money:
    """One entry a visit: total = fund + account + cash."""

    total: Column
    fund: Column
    account: Column
    cash: Column
    ratio: Column


def stay_days(visits: Column) -> Column:
    """Days of a stay, 1 for anything else."""
    days = (visits["end"].astype(np.int64) - visits["begin"]) // DAY + 1
    return np.where(np.isin(visits["kind"], (STAY, BIRTH, DAY_SURGERY)), np.maximum(days, 1), 1)


def lines_of(city: City, visits: Column) -> Lines:
    """The fee lines of the visits. Draws depend on a visit's basket only, so equal baskets hold equal goods."""
    menus, items = city.goods.menus, city.goods.items
    slots = menus.slots[visits["template"]]
    visit = np.repeat(np.arange(len(visits)), slots)
    slot = np.arange(len(visit)) - np.repeat(np.cumsum(slots) - slots, slots)
    template = visits["template"].astype(np.int64)[visit]
    basket = visits["basket"][visit]
    present = share(basket, slot, 61) < menus.chance[template, slot]
    visit, slot, template, basket = visit[present], slot[present], template[present], basket[present]
    count = menus.count[template, slot]
    step = menus.step[template, slot]
    drawn = (
        np.where(step >= 0, below(count, basket, 62) + step, mix(basket, slot, 63) % count.astype(np.uint64)) % count
    )
    item = menus.choices[menus.first[template, slot] + drawn.astype(np.int64)]
    listed: Column | float = 1.0
    if city.drift is not None:
        item, listed = city.drift.listed(item, visits["at"][visit])
    least, most = menus.least[template, slot], menus.most[template, slot]
    quantity = least + below(most - least + 1, basket, slot, 64)
    drug = items.is_drug[item]
    quantity = np.where(drug, np.maximum(1, np.rint(quantity * visits["scale"][visit])), quantity).astype(np.int64)
    quantity = np.where(menus.per_day[template, slot], quantity * stay_days(visits)[visit], quantity)
    factor = city.places.sites.price_factor[visits["site"]][visit] * np.where(drug, visits["price"][visit], 1.0)
    price = np.maximum(1, np.rint(items.price_fen[item] * factor * listed)).astype(np.int64)
    owner = np.where(visits["pack_of"] >= 0, visits["pack_of"], visits["number"])[visit]
    spread = (visits["at"].astype(np.int64) - visits["begin"])[visit]
    return Lines(
        visit=visit,
        number=(visits["number"][visit] << LINE_BITS) + slot,
        item=item,
        quantity=quantity,
        price_fen=price,
        amount_fen=price * quantity,
        days=np.where(drug, np.minimum(items.pack_days[item] * quantity, 999), 0),
        at=visits["begin"][visit] + (share(basket, slot, 65) * spread).astype(np.int64),
        pack=np.where(drug, (owner << LINE_BITS) + slot + 1, 0),
    )


def totals(lines: Lines, count: int) -> Column:
    """Sum of the lines of each of `count` visits."""
    sums = np.zeros(count, dtype=np.int64)
    np.add.at(sums, lines.visit, lines.amount_fen)
    return sums


def money_of(city: City, visits: Column, total: Column) -> Money:
    """Split the totals between pooled fund, personal account and cash."""
    people, sites = city.people, city.places.sites
    employee = people.insurance[visits["person"]] == EMPLOYEE
    kind = visits["kind"]
    ratio = np.where(employee, 0.55, 0.48)
    ratio = np.where(sites.kind[visits["site"]] == VILLAGE, ratio + 0.1, ratio)
    ratio = np.where(kind == CHRONIC, np.where(employee, 0.78, 0.66), ratio)
    ratio = np.where(np.isin(kind, (STAY, BIRTH, DAY_SURGERY)), np.where(employee, 0.82, 0.68), ratio)
    ratio = np.where(sites.kind[visits["site"]] == REMOTE, ratio - 0.1, ratio)
    ratio = np.where(kind == SHOP, np.where(employee & (share(visits["basket"], 66) < 0.3), 0.5, 0.0), ratio)
    deductible = np.where(np.isin(kind, (STAY, BIRTH)), np.minimum(total, 40_000), 0)
    fund = np.rint((total - deductible) * ratio).astype(np.int64)
    own = total - fund
    uses = employee & (share(visits["basket"], 67) < 0.9)
    part = np.where(kind == SHOP, 1.0, np.where(np.isin(kind, (STAY, BIRTH)), 0.3, 0.8))
    account = np.where(uses, np.rint(own * part), 0).astype(np.int64)
    return Money(total, fund, account, own - account, ratio)

"""Diagnoses, goods and what is billed together: the city's price list, read from the data folder."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from graphaudit.simulation.randomness import Column

MOST_SLOTS = 16


@dataclass(frozen=True, slots=True)
class Slot:
    """One possible line of a bill: an item out of `items`, present with probability `chance`."""

    items: tuple[int, ...]
    chance: float = 1.0
    least: int = 1
    most: int = 1
    per_day: bool = False  # the quantity is multiplied by the days of a stay
    step: int = -1  # place in a run of different drugs; -1 = drawn on its own


@dataclass(frozen=True, slots=True)
class Diagnoses:
    """One entry a diagnosis; `course` is acute, chronic, stay or special."""

    keys: tuple[str, ...]
    icd: tuple[str, ...]
    names: tuple[str, ...]
    speciality: tuple[str, ...]
    course: tuple[str, ...]
    chronic_codes: tuple[str, ...]
    sex: Column  # 0 any, 1 male, 2 female
    age_from: Column
    age_to: Column
    weight: Column

    def number(self, key: str) -> int:
        return self.keys.index(key)

    def of_course(self, course: str) -> Column:
        return np.array([n for n, c in enumerate(self.course) if c == course], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Items:
    """One entry an item; the first ones are drugs. Prices in fen."""

    codes: tuple[str, ...]
    names: tuple[str, ...]
    charge_types: tuple[str, ...]
    list_types: tuple[str, ...]
    price_fen: Column
    pack_days: Column
    is_drug: Column
    traded: Column  # dear or light enough to be resold


@dataclass(frozen=True, slots=True)
class Menus:
    """All bill templates as flat columns: slot s of template t is at [t, s]."""

    names: tuple[str, ...]
    slots: Column
    first: Column
    count: Column
    chance: Column
    least: Column
    most: Column
    per_day: Column
    step: Column
    choices: Column

    def number(self, name: str) -> int:
        return self.names.index(name)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The price list of the city, and the numbers under which other modules find things in it."""

    diagnoses: Diagnoses
    items: Items
    menus: Menus
    outpatient: Column  # template by diagnosis
    shop: Column
    refill: Column
    stay: Column
    paper_stay: Column  # a stay on paper only: no bed, no nursing
    trade: Column  # nothing but drugs worth reselling; -1 where there are too few

    def template(self, name: str) -> int:
        return self.menus.number(name)


def _rows(name: str) -> list[dict[str, str]]:
    text = (resources.files("graphaudit.simulation") / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _diagnoses(rows: Sequence[dict[str, str]]) -> Diagnoses:
    sexes = {"": 0, "male": 1, "female": 2}
    return Diagnoses(
        keys=tuple(r["key"] for r in rows),
        icd=tuple(r["icd"] for r in rows),
        names=tuple(r["name"] for r in rows),
        speciality=tuple(r["speciality"] for r in rows),
        course=tuple(r["course"] for r in rows),
        chronic_codes=tuple(r["chronic_code"] for r in rows),
        sex=np.array([sexes[r["sex"]] for r in rows], dtype=np.int64),
        age_from=np.array([int(r["age_from"]) for r in rows], dtype=np.int64),
        age_to=np.array([int(r["age_to"]) for r in rows], dtype=np.int64),
        weight=np.array([float(r["weight"]) for r in rows]),
    )


def _drug_code(number: int, charge_type: str) -> str:
    if charge_type == "11":
        return f"ZA{number:04d}{'A':0>3}01{number % 89 + 10:02d}{number * 7919 % 10**7:07d}"
    letter = "ABCDGHJLMNRS"[number % 12]
    return f"X{letter}{number % 16 + 1:02d}{letter}A{number:04d}A{number % 9:03d}010{number * 7907 % 10**7:07d}"


def _items(drugs: Sequence[dict[str, str]], services: Sequence[dict[str, str]]) -> Items:
    rows = [*drugs, *services]
    is_drug = np.arange(len(rows)) < len(drugs)
    list_types = [
        "101" if drug else ("301" if row["charge_type"] == "08" else "201")
        for drug, row in zip(is_drug, rows, strict=True)
    ]
    codes = [_drug_code(n, r["charge_type"]) for n, r in enumerate(drugs)]
    codes += [f"0011{n + 1:04d}0000{n % 3 + 1:03d}" for n in range(len(services))]
    return Items(
        codes=tuple(codes),
        names=tuple(r["name"] for r in rows),
        charge_types=tuple(r["charge_type"] for r in rows),
        list_types=tuple(list_types),
        price_fen=np.array([round(float(r["price"]) * 100) for r in rows], dtype=np.int64),
        pack_days=np.array([int(r["pack_days"]) for r in drugs] + [0] * len(services), dtype=np.int64),
        is_drug=is_drug,
        traded=np.array([r["traded"] == "1" for r in drugs] + [False] * len(services)),
    )


class _Bills:
    """Builds the templates of every diagnosis from a few shapes of bill."""

    def __init__(
        self, drugs: Sequence[dict[str, str]], services: Sequence[dict[str, str]], keys: Sequence[str]
    ) -> None:
        self.of_diagnosis = {k: tuple(n for n, r in enumerate(drugs) if r["diagnosis"] == k) for k in keys}
        self.traded = {k: tuple(n for n in v if drugs[n]["traded"] == "1") for k, v in self.of_diagnosis.items()}
        self.service = {r["key"]: len(drugs) + n for n, r in enumerate(services)}
        self.templates: dict[str, list[Slot]] = {}

    def _one(self, *names: str, chance: float = 1.0, per_day: bool = False, least: int = 1, most: int = 1) -> Slot:
        return Slot(tuple(self.service[n] for n in names), chance, least, most, per_day)

    def _run(self, pool: tuple[int, ...], chances: Sequence[float], most: int = 1, per_day: bool = False) -> list[Slot]:
        return [Slot(pool, chance, 1, most, per_day, step=n) for n, chance in enumerate(chances[: len(pool)])]

    def of_each_diagnosis(self, key: str, course: str) -> None:
        pool = self.of_diagnosis[key]
        tests = ("blood_count", "urine", "liver", "kidney", "glucose", "lipid_panel")
        scans = ("ecg", "ultrasound", "chest_film", "ct")
        self.templates[f"outpatient:{key}"] = [
            self._one("consult", "consult", "consult_village", "consult_expert"),
            *self._run(pool, (0.97, 0.75, 0.45, 0.2), most=2),
            self._one(*tests, chance=0.35),
            self._one(*tests, chance=0.2),
            self._one(*scans, chance=0.16),
            self._one("infusion", "injection", "nebuliser", "acupuncture", "physiotherapy", chance=0.2, most=3),
        ]
        self.templates[f"shop:{key}"] = self._run(pool, (1.0, 0.75, 0.4, 0.18), most=2)
        self.templates[f"refill:{key}"] = [
            *self._run(pool, (1.0, 0.8, 0.5, 0.25)),
            self._one("consult", "consult_village", chance=0.45),
            self._one("glucose", "lipid_panel", "kidney", chance=0.15),
        ]
        if course in ("stay", "chronic", "acute"):
            paper = [
                self._one("consult_stay", per_day=True),
                self._one("blood_count"),
                self._one("biochemistry", "liver", chance=0.9),
                self._one("ecg", chance=0.7),
                self._one("chest_film", "ultrasound", "ct", chance=0.8),
                self._one("infusion", per_day=True),
                self._one("syringe", per_day=True),
                *self._run(pool, (1.0, 0.9, 0.7), per_day=course == "stay"),
            ]
            self.templates[f"paper_stay:{key}"] = paper
            self.templates[f"stay:{key}"] = [
                self._one("bed", per_day=True),
                self._one("nursing", "nursing", "nursing_first", per_day=True),
                *paper,
                self._one("coagulation", "lipid_panel", chance=0.5),
                self._one("oxygen", "monitoring", "physiotherapy", chance=0.5, most=8),
            ]
        if len(self.traded[key]) > 1:
            self.templates[f"trade:{key}"] = self._run(self.traded[key], (1.0, 0.8, 0.5), most=2)

    def special(self) -> None:
        one, run, drugs = self._one, self._run, self.of_diagnosis
        self.templates["dialysis"] = [
            one("dialysis", "dialysis", "dialysis_filter"), one("dialyser"), one("syringe"),
            *run(drugs["renal_failure"], (0.5, 0.2, 0.1)), one("blood_count", "kidney", chance=0.1),
        ]  # fmt: skip
        for tumour in ("lung_tumour", "breast_tumour"):
            self.templates[f"chemo:{tumour}"] = [
                one("chemotherapy"), one("blood_count"), one("liver", "kidney"), one("port", chance=0.7),
                *run(drugs[tumour], (1.0, 0.6, 0.3)), one("syringe"),
            ]  # fmt: skip
        self.templates["rehabilitation"] = [
            one("exercise"), one("massage", "acupuncture", chance=0.8), one("physiotherapy", chance=0.7),
            *run(drugs["rehabilitation"], (0.2,)),
        ]  # fmt: skip
        for kind in ("staff", "school", "elder"):
            self.templates[f"check_up:{kind}"] = [one(f"package_{kind}")]
        self.templates["cataract_day"] = [
            one("surgery_cataract"), one("lens"), one("bed"), one("nursing"), one("coagulation"),
            *run(drugs["cataract"], (1.0, 0.8)),
        ]  # fmt: skip
        self.templates["birth"] = [
            one("delivery"), one("bed", per_day=True), one("nursing", per_day=True), one("obstetric_scan"),
            one("blood_count"), *run(drugs["childbirth"], (1.0, 0.8, 0.4)),
        ]  # fmt: skip
        self.templates["antenatal"] = [
            one("consult"),
            one("obstetric_scan"),
            one("urine"),
            one("blood_count", chance=0.6),
        ]
        self.templates["outing"] = [
            one("consult", "consult_expert"),
            one("ct", "mri", "ultrasound"),
            one("biochemistry", "coagulation", chance=0.5),
        ]  # fmt: skip
        # Last, so that the others keep their numbers and with them their draws.
        self.templates["treatment_course"] = [
            one("acupuncture", "massage", chance=0.95, least=1, most=3), one("physiotherapy", chance=0.85, most=3),
            one("exercise", "massage", chance=0.7, most=2), one("consult", chance=0.3),
        ]  # fmt: skip


def _menus(templates: dict[str, list[Slot]]) -> Menus:
    shape = (len(templates), MOST_SLOTS)
    columns = {name: np.zeros(shape, dtype=np.int64) for name in ("first", "count", "least", "most", "step")}
    chance = np.zeros(shape)
    per_day = np.zeros(shape, dtype=bool)
    choices: list[int] = []
    for t, slots in enumerate(templates.values()):
        for s, slot in enumerate(slots):
            columns["first"][t, s] = len(choices)
            columns["count"][t, s] = len(slot.items)
            columns["least"][t, s], columns["most"][t, s] = slot.least, slot.most
            columns["step"][t, s] = slot.step
            chance[t, s], per_day[t, s] = slot.chance, slot.per_day
            choices += slot.items
    return Menus(
        names=tuple(templates),
        slots=np.array([len(slots) for slots in templates.values()], dtype=np.int64),
        chance=chance,
        per_day=per_day,
        choices=np.array(choices, dtype=np.int64),
        **columns,
    )


@cache
def catalogue() -> Catalogue:
    """The catalogue, read once."""
    diagnoses = _diagnoses(_rows("diagnoses.csv"))
    drugs, services = _rows("drugs.csv"), _rows("services.csv")
    bills = _Bills(drugs, services, diagnoses.keys)
    for key, course in zip(diagnoses.keys, diagnoses.course, strict=True):
        if bills.of_diagnosis[key]:
            bills.of_each_diagnosis(key, course)
    bills.special()
    menus = _menus(bills.templates)

    def by_diagnosis(kind: str) -> Column:
        names = {name: n for n, name in enumerate(menus.names)}
        return np.array([names.get(f"{kind}:{k}", -1) for k in diagnoses.keys], dtype=np.int64)

    return Catalogue(
        diagnoses=diagnoses,
        items=_items(drugs, services),
        menus=menus,
        outpatient=by_diagnosis("outpatient"),
        shop=by_diagnosis("shop"),
        refill=by_diagnosis("refill"),
        stay=by_diagnosis("stay"),
        paper_stay=by_diagnosis("paper_stay"),
        trade=by_diagnosis("trade"),
    )

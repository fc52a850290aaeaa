"""How everything is called in the tables: numbers of the city become codes, names, phones and addresses.

Division 99 does not exist and phones begin with an unassigned prefix, so no id can belong to a real person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from graphaudit.simulation.city import City, Member
from graphaudit.simulation.folder import Folder, arrow
from graphaudit.simulation.people import ALIVE, EMPLOYEE
from graphaudit.simulation.randomness import Column, mix, scramble
from graphaudit.simulation.sizes import DAY
from graphaudit.simulation.visits import occurrence

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高梁郑谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟"
)
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国文辉力红春梅海燕志浩宇欣怡子轩雨萱"

# Salts of the one-to-one mappings, one a kind of id.
PERSON, PHONE, SOCIAL, ELECTRONIC, BOOK, SETTLEMENT, VISIT_ID, LINE, DOCTOR, PACK, CASE_ID, INVOICE, ACCOUNT = range(
    101, 114
)

PERSON_SQL = """
SELECT p.person,
       '9901' || lpad(CAST(division + 1 AS VARCHAR), 2, '0') || '10' || lpad(CAST(person_code AS VARCHAR), 10,
       '0') AS psn_no,
       '9901' || lpad(CAST(division + 1 AS VARCHAR), 2, '0') || strftime(born, '%Y%m%d')
           || lpad(CAST(rank_of_day AS VARCHAR), 4, '0') AS certno,
       surname || given AS psn_name,
       CAST(sex AS VARCHAR) AS gend,
       CAST(born AS DATE) AS brdy,
       CAST(insurance AS VARCHAR) AS insutype,
       psn_type,
       '9901' || lpad(CAST(division + 1 AS VARCHAR), 2, '0') AS insu_admdvs,
       'E99' || lpad(CAST(employer AS VARCHAR), 8, '0') AS emp_no,
       '142' || lpad(CAST(phone AS VARCHAR), 8, '0') AS tel,
       '安和市' || CAST(address_division + 1 AS VARCHAR) || '区' || CAST(neighbourhood AS VARCHAR)
           || CASE WHEN rural THEN '村' ELSE '小区' END || CAST(address AS VARCHAR) || '号' AS live_addr,
       CASE WHEN book_known THEN 'HK' || lpad(CAST(book AS VARCHAR), 10, '0') END AS resdbook_no,
       chr(CAST(65 + social % 26 AS INTEGER)) || lpad(CAST(social AS VARCHAR), 9, '0') AS social_no,
       '9901' || lpad(CAST(electronic AS VARCHAR), 16, '0') AS electronic_no,
       CASE WHEN died_day >= 0 THEN CAST(first_day + CAST(died_day AS INTEGER) AS DATE) END AS die_date
FROM p ORDER BY p.person
"""  # fmt: skip


def _names(numbers: Column, salt: int) -> tuple[Column, Column]:
    draw = mix(numbers, salt)
    surname = np.array(list(SURNAMES))[(draw % np.uint64(len(SURNAMES))).astype(np.int64)]
    first = np.array(list(GIVEN))[((draw >> np.uint64(12)) % np.uint64(len(GIVEN))).astype(np.int64)]
    second = np.array([*GIVEN, *[""] * 14])[((draw >> np.uint64(30)) % np.uint64(len(GIVEN) + 14)).astype(np.int64)]
    return surname, np.char.add(first, second)


def _person_types(city: City) -> Column:
    people = city.people
    employee, age = people.insurance == EMPLOYEE, people.age
    return np.select(
        [employee & people.retired, employee, age < 1, age < 6, age < 18, age < 60],
        ["1201", "1101", "1401", "1402", "1403", "1501"],
        "1601",
    )


def person_table(city: City, folder: Folder) -> pa.Table:
    """One row a person, in order of number, with everything that other tables copy."""
    people = city.people
    numbers = np.arange(len(people))
    hoods = city.places.neighbourhoods
    division = hoods.division[people.neighbourhood]
    lives_at = people.neighbourhood[people.address_of]
    first_here = np.searchsorted(people.neighbourhood, lives_at)
    surname, given = _names(numbers, 1)
    head_surname = surname[np.searchsorted(people.household, people.household)]
    surname = np.where(people.household_role == 1, surname, head_surname)
    born = np.datetime64(city.begins) + people.born.astype("timedelta64[D]")
    columns = arrow(
        person=numbers, division=division, person_code=scramble(numbers, 32, PERSON), born=born,
        rank_of_day=(occurrence(division * 100_000 - people.born) * 1_237 + 11) % 10_000,
        surname=surname, given=given, sex=people.sex, insurance=people.insurance, psn_type=_person_types(city),
        employer=people.employer, phone=scramble(people.phone_of, 26, PHONE), neighbourhood=lives_at,
        address_division=hoods.division[lives_at], rural=hoods.is_village[lives_at],
        address=people.address_of - first_here + 1, book_known=people.book_known,
        book=scramble(people.household, 32, BOOK), social=scramble(numbers, 26, SOCIAL),
        electronic=scramble(numbers, 40, ELECTRONIC),
        died_day=np.where(people.died_at < ALIVE, people.died_at // DAY, -1),
        first_day=np.full(len(people), np.datetime64(city.begins)),
    )  # fmt: skip
    return folder.table(PERSON_SQL, p=columns)


def second_numbers(persons: pa.Table) -> pa.Array:
    """For each row of the person table the number under which the same person could be insured once more."""
    codes = scramble(persons["person"].to_numpy() + (1 << 31), 32, PERSON)
    prefixes = persons["psn_no"].to_numpy().astype("<U8")
    return pa.array(np.char.add(prefixes, np.char.zfill(codes.astype(str), 10)))


def phone_of(person: Column) -> Column:
    """The phone number that belongs to a person, as text."""
    return np.char.add("142", np.char.zfill(scramble(person, 26, PHONE).astype(str), 8))


def settlement_ids(numbers: Column, refund: Column | int = 0) -> Column:
    """setl_id of visits, or of their refunds, as text."""
    return np.char.add("99010", np.char.zfill(scramble(numbers * 2 + refund, 36, SETTLEMENT).astype(str), 11))


def doctor_codes(city: City) -> Column:
    doctors = city.places.doctors
    division = city.places.sites.division[doctors.site] + 1
    local = np.char.add("D9901", np.char.zfill(division.astype(str), 2))
    return np.char.add(local, np.char.zfill(scramble(np.arange(len(doctors)), 18, DOCTOR).astype(str), 6))


def doctor_names(city: City) -> Column:
    surname, given = _names(np.arange(len(city.places.doctors)), 2)
    return np.char.add(surname, given)


def operator_code(operator: int) -> str:
    """An institution's operator as the institution writes it: the first one is called admin everywhere."""
    return "admin" if operator == 0 else f"{operator:03d}"


def handler_code(handler: int) -> str:
    """An agency handler's opter_id."""
    return f"JB99{handler * 37 % 1000:03d}{handler:03d}"


def bank_accounts(owner: Column, further: Column) -> Column:
    """Account numbers of persons as text; `further` counts a person's other accounts, below 8."""
    return np.char.add(
        "6299", np.char.zfill(scramble(owner.astype(np.int64) * 8 + further, 40, ACCOUNT).astype(str), 14)
    )


@dataclass(frozen=True, slots=True)
class Identities:
    """Final ids of the city, for the truth."""

    persons: list[str]
    social_cards: list[str]
    sites: tuple[str, ...]
    doctors: list[str]

    def of(self, member: Member) -> str:
        """The id under which a lead would name this member."""
        if isinstance(member.number, str):
            return member.number
        if member.type == "person":
            return self.persons[member.number]
        if member.type == "card":
            return f"03-{self.social_cards[member.number]}"
        if member.type == "doctor":
            return self.doctors[member.number]
        return self.sites[member.number]


def identities(city: City, persons: pa.Table) -> Identities:
    """The ids of everybody; `persons` is the person table."""
    return Identities(
        persons=persons["psn_no"].to_pylist(),
        social_cards=persons["social_no"].to_pylist(),
        sites=city.places.sites.codes,
        doctors=doctor_codes(city).tolist(),
    )

"""Courses handed from card to card: rows of the same cards are one patient's where all of them keep one rhythm."""

from __future__ import annotations

import pandas as pd

from detectors.care_relays import relays

#: Days between two uses of the service.
STEP = 2


def rows_of(*rows, uses=5, pause=20):
    """Uses of one service at one site: in each row the cards follow each other, `uses` each, then a pause."""
    day, held = 0, []
    for row in rows:
        for person in row:
            held += [(person, day + STEP * use) for use in range(uses)]
            day += STEP * uses
        day += pause
    return pd.DataFrame(held, columns=["person_no", "day"]).assign(usual=float(STEP))


def always_there(persons, days=300):
    """Patients of their own, who never stop."""
    held = [(person, day) for person in persons for day in range(0, days, STEP)]
    return pd.DataFrame(held, columns=["person_no", "day"]).assign(usual=float(STEP))


def groups(uses):
    return [persons.tolist() for persons, _ in relays(uses, least_persons=3)]


def test_rows_of_the_same_cards_are_one_patient():
    # the second row comes round by itself, and card 2 is part of the same story
    uses = rows_of((0, 1, 2), (0, 1, 3, 0, 1))
    assert groups(pd.concat([uses, always_there(range(10, 14))])) == [[0, 1, 2, 3]]


def test_rows_that_none_goes_round_alone_do_so_together():
    assert groups(rows_of((0, 1, 2), (1, 0, 3), (2, 1, 0))) == [[0, 1, 2, 3]]


def test_rows_of_cards_that_hardly_meet_stay_apart():
    # one card in common is a patient who went on after a pause
    assert groups(rows_of((0, 1, 2), (2, 3, 4))) == []


def test_rows_that_break_off_again_and_again_are_nobodys_rhythm():
    # people who come once now and then, by chance after each other
    assert groups(rows_of((0, 1, 2), (1, 0, 3), (2, 1, 0), uses=1)) == []


def test_cards_used_at_the_same_time_are_no_relay():
    # two patients, whose courses overlap all the time
    one = rows_of((0, 1, 2), (1, 0, 3))
    assert groups(pd.concat([one, rows_of((4, 5), (5, 4)).assign(day=lambda rows: rows["day"] + 1)])) == []


def test_no_uses_are_no_relay():
    assert groups(always_there(range(10))) == []

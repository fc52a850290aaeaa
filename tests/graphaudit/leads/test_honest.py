"""q-values held against honest groups: what is not chance must not look surer than honest groups elsewhere allow."""

from __future__ import annotations

import math

import pytest

from graphaudit.leads.honest import HonestGroups, known, least_q

HONEST = HonestGroups(10_000, {"hoarded_cards": (12.0, 8.0, 6.0, 4.0), "insider": (5.0,)})


def test_as_many_are_expected_as_were_seen_in_a_city_of_that_size_and_half_a_group_like_none_of_them():
    assert HONEST.expected("hoarded_cards", 7.0, 10_000) == pytest.approx(2.5)
    assert HONEST.expected("hoarded_cards", 7.0, 20_000) == pytest.approx(4.5)
    assert HONEST.expected("hoarded_cards", 7.0, 1_000) == pytest.approx(0.7)


def test_fewer_are_expected_the_further_beyond_the_strongest_that_was_seen():
    # evidence beyond the least of all: 8, 4, 2, 0 and 1, three on the mean
    assert HONEST.expected("hoarded_cards", 15.0, 10_000) == pytest.approx(0.5 * math.exp(-1))
    assert HONEST.expected("sham_stay", 7.0, 10_000) == pytest.approx(0.5 * math.exp(-1))


def test_a_pattern_with_honest_leads_needs_more_evidence_than_one_without():
    hoarded, sham = least_q([("hoarded_cards", 10.0), ("sham_stay", 10.0)], 10_000, HONEST)
    assert hoarded == 1.0
    assert sham == pytest.approx(0.5 * math.exp(-2))


def test_what_is_found_more_often_than_honest_groups_would_be_is_surer():
    one = least_q([("hoarded_cards", 13.0)], 10_000, HONEST)
    ten = least_q([("hoarded_cards", 13.0)] * 10, 10_000, HONEST)
    assert ten == pytest.approx([one[0] / 10] * 10)


def test_stronger_leads_of_a_pattern_are_never_less_sure():
    leads = [("hoarded_cards", float(r)) for r in (4, 20, 9, 30, 9, 15)]
    q = least_q(leads, 10_000, HONEST)
    ordered = sorted(zip((r for _, r in leads), q, strict=True))
    assert [each for _, each in ordered] == sorted(q, reverse=True)


def test_no_leads_have_no_q_values():
    assert least_q([], 10_000, HONEST) == []


def test_what_is_kept_is_a_sum_of_cities():
    kept = known()
    assert kept.persons >= 10_000
    for residuals in kept.residuals.values():
        assert list(residuals) == sorted(residuals, reverse=True)
        assert min(residuals) > 0

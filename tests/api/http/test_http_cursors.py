"""Cursors come back as they were made, and not otherwise."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cursors import Cursor, CursorError, decode, encode, filters_digest

KEY = b"k" * 32
cursors = st.builds(
    Cursor,
    st.from_regex(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}", fullmatch=True),
    st.integers(0, 10**9),
    st.text(max_size=40),
)
filters = st.dictionaries(st.sampled_from("abcdef"), st.none() | st.text(max_size=5) | st.floats(0, 1), max_size=4)


@given(cursors)
def test_a_cursor_comes_back_as_it_was_made(cursor: Cursor) -> None:
    assert decode(KEY, encode(KEY, cursor)) == cursor


@given(cursors, st.data())
def test_a_cursor_changed_in_any_one_place_is_refused(cursor: Cursor, data: st.DataObject) -> None:
    text = encode(KEY, cursor)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from("ABab09-_.=").filter(lambda c: c != text[place]))
    with pytest.raises(CursorError):
        decode(KEY, text[:place] + other + text[place + 1 :])


@given(st.text())
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(CursorError):
        decode(KEY, text)


@given(cursors)
def test_a_cursor_made_with_another_key_is_refused(cursor: Cursor) -> None:
    with pytest.raises(CursorError):
        decode(KEY, encode(b"o" * 32, cursor))


@given(cursors, cursors)
def test_a_signature_cannot_be_moved_to_another_cursor(one: Cursor, other: Cursor) -> None:
    if one != other:
        with pytest.raises(CursorError):
            decode(KEY, encode(KEY, one).split(".")[0] + "." + encode(KEY, other).split(".")[1])


@given(filters, filters)
def test_filters_have_the_same_digest_exactly_when_they_are_the_same(one: dict, other: dict) -> None:
    assert (filters_digest(KEY, one) == filters_digest(KEY, other)) == (one == other)


def test_a_cursor_does_not_show_what_it_filters_by() -> None:
    digest = filters_digest(KEY, {"person": "P-very-secret"})
    text = encode(KEY, Cursor("B1", 5, digest))
    shown = base64.urlsafe_b64decode(text.split(".")[0] + "==").decode()
    assert "very-secret" not in shown
    assert digest != filters_digest(b"o" * 32, {"person": "P-very-secret"})

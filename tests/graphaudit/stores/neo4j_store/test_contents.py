"""Whose data a database holds is told from what is in it, and a stranger's is refused by name."""

from __future__ import annotations

import pytest

from graphaudit.errors import StoreError
from graphaudit.stores.neo4j_store.address import Address
from graphaudit.stores.neo4j_store.contents import Contents, refuse_foreign

ADDRESS = Address("bolt://host:7687")
OURS = {"build_id": "b1", "state": "loaded"}


@pytest.mark.parametrize(
    "contents",
    [
        Contents(0, {}, (), ()),
        Contents(4, {"Person": 3}, (), (), OURS),
        Contents(1, {}, (), (), {"build_id": "b1", "state": "loading"}),
    ],
)
def test_an_empty_database_and_our_own_are_taken(contents: Contents) -> None:
    refuse_foreign(contents, ADDRESS)


@pytest.mark.parametrize(
    ("contents", "named"),
    [
        (Contents(7, {"Person": 3}, ("Movie",), ("ACTED_IN",), {}), "Movie, ACTED_IN"),
        (Contents(7, {"Person": 3}, ("Movie",), (), OURS), "Movie"),
        (Contents(7, {"Person": 3}, (), ("KNOWS",), OURS), "KNOWS"),
        (Contents(7, {"Person": 5, "Card": 2}, (), (), {}), "5 Person, 2 Card"),
        (Contents(9, {}, ("nodes without a label",), (), OURS), "nodes without a label"),
        (Contents(9, {}, tuple(f"L{n}" for n in range(9)), (), {}), "L5 and 3 more"),
    ],
)
def test_a_strangers_data_is_refused_by_name_with_a_next_step(contents: Contents, named: str) -> None:
    with pytest.raises(StoreError, match=named) as caught:
        refuse_foreign(contents, ADDRESS)
    assert "database of its own" in caught.value.hint

"""A tiny build with something of every kind in it."""

from __future__ import annotations

import duckdb
import pytest

from tests.table_builder import tables_of

#: Values that would do harm if they ever became part of a query's text.
HOSTILE = ("o'Brien", 'say "hi"', "two\nlines", "'}) DETACH DELETE n //", "$x `y` \\", "药店", "a,b;c\t|")


@pytest.fixture
def tables() -> duckdb.DuckDBPyConnection:
    """Two persons, two sites, three settlements, and one relationship of most types."""
    return tables_of(
        {
            "persons": [{"household_no": 0, "phone_no": 0}, {"household_no": 0, "address_no": 0, "employer_no": 0}],
            "cards": [{"kind": "id_card"}],
            "sites": [{"kind": "institution", "name": "医院"}, {"kind": "pharmacy"}],
            "doctors": [{}],
            "practices": [{"doctor_no": 0, "site_no": 0, "registered": True}],
            "handlers": [{"kind": "agency"}],
            "employers": [{}, {"is_virtual": True}],
            "identifiers": [
                {"kind": kind, "no": 0, "id": f"{kind}-0", "persons": 2}
                for kind in ("phone", "address", "household", "bank_account", "agent", "terminal")
            ],
            "settlements": [
                {"person_no": 0, "site_no": 0, "card_no": 0, "kind": "inpatient", "phone_no": 0, "handler_no": 0},
                {"person_no": 1, "site_no": 1, "card_no": 0, "kind": "pharmacy", "refunded_fen": 5},
                {"person_no": 1, "site_no": 0, "is_manual": True, "invoice_no": "I-1"},
            ],
            "manual_cases": [
                {"settlement_no": 2, "person_no": 1, "accepted_by": 0, "bank_account_no": 0, "invoice_no": "I-2"}
            ],
            "reviews": [
                {"review_id": "1", "case_no": 0, "step": 1, "handler_no": 0},
                {"review_id": "2", "case_no": 0, "step": 2, "handler_no": 0},
            ],
            "registrations": [{"person_no": 0, "agent_no": 0}],
            "holds": [{"person_no": 0, "card_no": 0, "n": 1}, {"person_no": 1, "card_no": 0, "n": 1}],
            "visited": [{"person_no": 0, "site_no": 0, "n": 1}, {"person_no": 1, "site_no": 1, "n": 2}],
            "settlement_doctors": [{"settlement_no": 0, "doctor_no": 0, "role": "attending"}],
            "overlaps": [{"from_no": 0, "to_no": 1, "person_no": 0, "kind": "two_places", "minutes": 3}],
            "clashes": [{"person_no": 0, "site_no": 0, "n": 1, "expected": 0.1, "llr": 1.4}],
            "co_present": [{"person_a": 0, "person_b": 1, "days": 4, "expected": 0.5, "llr": 4.8}],
            "serves": [{"handler_no": 0, "person_no": 1, "n": 1, "person_cases": 1, "share": 1.0}],
        }
    )

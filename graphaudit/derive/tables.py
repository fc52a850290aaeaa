"""The derived tables: relationships that joins over time and place can tell, computed once per build.

Numbers refer to the canonical tables. `expected` and `llr` state the tested null model of each table:
llr = n·ln(n/expected) − (n − expected), 0 when n ≤ expected (Poisson log-likelihood ratio, in nats).
"""

from __future__ import annotations

from graphaudit.records.declaration import Column, Table

_N = Column("n", "INTEGER", "Settlements behind it.", unit="settlements", required=True)
_FIRST = Column("first_day", "INTEGER", "First day since 1970.", unit="days", required=True)
_LAST = Column("last_day", "INTEGER", "Last day since 1970.", unit="days", required=True)
_TOTAL = Column("total_fen", "BIGINT", "Total charge.", unit="fen", required=True)
_EXPECTED = Column("expected", "DOUBLE", "Count that the null model gives.", required=True)
_LLR = Column("llr", "DOUBLE", "Log-likelihood ratio of the count against it.", unit="nats", required=True)

HOLDS = Table(
    "holds",
    "A person was settled with a card.",
    ("person_no", "card_no"),
    (
        Column("person_no", "INTEGER", "The person.", required=True),
        Column("card_no", "INTEGER", "The card.", required=True),
        _N,
        _FIRST,
        _LAST,
    ),
)
VISITED = Table(
    "visited",
    "All settlements of a person at a site.",
    ("person_no", "site_no"),
    (
        Column("person_no", "INTEGER", "The person.", required=True),
        Column("site_no", "INTEGER", "The site.", required=True),
        _N,
        _FIRST,
        _LAST,
        _TOTAL,
        Column("fund_fen", "BIGINT", "Paid by pooled funds.", unit="fen", required=True),
    ),
)
SETTLEMENT_DOCTORS = Table(
    "settlement_doctors",
    "A doctor named by a settlement or its fee lines.",
    ("settlement_no", "doctor_no", "role"),
    (
        Column("settlement_no", "INTEGER", "The settlement.", required=True),
        Column("doctor_no", "INTEGER", "The doctor.", required=True),
        Column("role", "VARCHAR", "attending or ordering.", required=True),
    ),
)
TREATED = Table(
    "treated",
    "All settlements of a person that name a doctor.",
    ("doctor_no", "person_no"),
    (
        Column("doctor_no", "INTEGER", "The doctor.", required=True),
        Column("person_no", "INTEGER", "The person.", required=True),
        _N,
        _TOTAL,
    ),
)
SETTLEMENT_TERMINALS = Table(
    "settlement_terminals",
    "The terminal that the settlement's operator (else the site) was signed in at.",
    ("settlement_no",),
    (
        Column("settlement_no", "INTEGER", "The settlement.", required=True),
        Column("terminal_no", "INTEGER", "The terminal.", required=True),
    ),
)
SITE_FAULTS = Table(
    "site_faults",
    "What is wrong with a site's own feed, against the other sites of its kind.",
    ("site_no", "fault"),
    (
        Column("site_no", "INTEGER", "The site.", required=True),
        Column(
            "fault",
            "VARCHAR",
            "no_clock, bunched_stamps, one_stamp_a_day, clock_offset, missing_half_days, delivered_twice, no_doctor, "
            "no_operator, no_credential, no_terminal, no_bed or shared_doctor_code.",
            required=True,
        ),
        Column("affected", "INTEGER", "Settlements with the fault; half days of missing_half_days.", required=True),
        Column("tested", "INTEGER", "Settlements, or half days, that were looked at.", required=True),
        Column(
            "share",
            "DOUBLE",
            "affected / tested; of clock_offset the share of same-day purchases that come before the visit.",
            required=True,
        ),
        Column("usual", "DOUBLE", "The same at the middle one of the sites of its kind.", required=True),
        Column("minutes", "INTEGER", "By how much its clock is ahead; null for other faults.", unit="minutes"),
    ),
)
NEXT_SWIPE = Table(
    "next_swipe",
    "The next settlement of another person at the same site within ten minutes.",
    ("from_no",),
    (
        Column("from_no", "INTEGER", "Earlier settlement.", required=True),
        Column("to_no", "INTEGER", "Later settlement.", required=True),
        Column("site_no", "INTEGER", "The site.", required=True),
        Column("gap_seconds", "INTEGER", "Seconds between them.", unit="seconds", required=True),
    ),
)
OVERLAPS = Table(
    "overlaps",
    "Two services of one person or card that cannot both be true; the earlier settlement is from_no.",
    ("from_no", "to_no"),
    (
        Column("from_no", "INTEGER", "Settlement that began first.", required=True),
        Column("to_no", "INTEGER", "The other settlement.", required=True),
        Column("person_no", "INTEGER", "Person of from_no.", required=True),
        Column("kind", "VARCHAR", "stay_and_visit, two_stays or two_places.", required=True),
        Column(
            "minutes", "INTEGER", "Minutes of overlap, or minutes between two places.", unit="minutes", required=True
        ),
    ),
)
CLASHES = Table(
    "clashes",
    "Overlaps of a person in which a site settled one of the two services, against the site's own rate.",
    ("person_no", "site_no"),
    (
        Column("person_no", "INTEGER", "The person.", required=True),
        Column("site_no", "INTEGER", "The site.", required=True),
        Column("n", "INTEGER", "Overlaps.", unit="overlaps", required=True),
        _EXPECTED,
        _LLR,
        Column(
            "site_llr",
            "DOUBLE",
            "Log-likelihood ratio of the persons with two or more overlaps at this site against its volume.",
            unit="nats",
            required=True,
        ),
    ),
)
FILLS = Table(
    "fills",
    "A purchase at a pharmacy within a day of the same person's visit to a doctor.",
    ("purchase_no",),
    (
        Column("purchase_no", "INTEGER", "Settlement of the purchase.", required=True),
        Column("visit_no", "INTEGER", "Settlement of the last such visit before it.", required=True),
        Column("person_no", "INTEGER", "The person.", required=True),
        Column("doctor_no", "INTEGER", "The doctor.", required=True),
        Column("institution_no", "INTEGER", "Site of the visit.", required=True),
        Column("site_no", "INTEGER", "The pharmacy.", required=True),
        Column("gap_seconds", "INTEGER", "Seconds from visit to purchase.", unit="seconds", required=True),
    ),
)
FILLED_AT = Table(
    "filled_at",
    "Purchases at a pharmacy within a day of a visit to a doctor, against both volumes.",
    ("doctor_no", "site_no"),
    (
        Column("doctor_no", "INTEGER", "The doctor.", required=True),
        Column("site_no", "INTEGER", "The pharmacy.", required=True),
        Column("n", "INTEGER", "Visit-and-purchase pairs.", unit="pairs", required=True),
        Column("persons", "INTEGER", "Distinct patients.", unit="persons", required=True),
        Column("doctor_share", "DOUBLE", "Share of the doctor's next-day purchases that fall here.", required=True),
        Column("pharmacy_share", "DOUBLE", "Share of the pharmacy's purchases that follow this doctor.", required=True),
        _EXPECTED,
        _LLR,
    ),
)
FILLED_BY = Table(
    "filled_by",
    "One visit and the same person's purchase within a day, on pairs of filled_at that passed the test.",
    ("visit_no", "purchase_no"),
    (
        Column("visit_no", "INTEGER", "Settlement of the visit.", required=True),
        Column("purchase_no", "INTEGER", "Settlement of the purchase.", required=True),
        Column("doctor_no", "INTEGER", "The doctor.", required=True),
        Column("site_no", "INTEGER", "The pharmacy.", required=True),
        Column("person_no", "INTEGER", "The person.", required=True),
        Column("gap_seconds", "INTEGER", "Seconds from visit to purchase.", unit="seconds", required=True),
    ),
)
SERVES = Table(
    "serves",
    "Manual cases of a person entered by one handler, against the office's other handlers.",
    ("handler_no", "person_no"),
    (
        Column("handler_no", "INTEGER", "The handler.", required=True),
        Column("person_no", "INTEGER", "The claimant.", required=True),
        Column("n", "INTEGER", "Cases entered.", unit="cases", required=True),
        Column("person_cases", "INTEGER", "All cases of the person.", unit="cases", required=True),
        Column("share", "DOUBLE", "n / person_cases.", required=True),
        Column(
            "office_share",
            "DOUBLE",
            "The handler's share of the office's cases of those kinds and months.",
            required=True,
        ),
        _EXPECTED,
        _LLR,
    ),
)
CO_PRESENT = Table(
    "co_present",
    "Two persons who settle together on more days than volume and both habits explain; person_a < person_b.",
    ("person_a", "person_b"),
    (
        Column("person_a", "INTEGER", "The person with the smaller number.", required=True),
        Column("person_b", "INTEGER", "The other.", required=True),
        Column("days", "INTEGER", "Days on which they met.", unit="days", required=True),
        _EXPECTED,
        _LLR,
        Column("same_household", "BOOLEAN", "True when household, or address and phone, are shared.", required=True),
    ),
)
SITE_WINDOWS = Table(
    "site_windows",
    "How near in time two settlements at a site must be to count as a meeting.",
    ("site_no",),
    (
        Column("site_no", "INTEGER", "The site.", required=True),
        Column(
            "window_minutes",
            "INTEGER",
            "Largest distance in time; 1440 means the same day.",
            unit="minutes",
            required=True,
        ),
        Column("settlements", "INTEGER", "Visits and purchases there.", unit="settlements", required=True),
        Column("span_days", "INTEGER", "Days from the first to the last.", unit="days", required=True),
        Column(
            "met_a_day", "DOUBLE", "Settlements on a typical visitor's day there.", unit="settlements", required=True
        ),
        Column("meeting_rate", "DOUBLE", "Chance that two random settlements there are a meeting.", required=True),
    ),
)
CAPPED_CELLS = Table(
    "capped_cells",
    "A site's window on one day with too many persons to be compared with each other; scanned by the minute instead.",
    ("site_no", "day", "from_minute"),
    (
        Column("site_no", "INTEGER", "The site.", required=True),
        Column("day", "INTEGER", "Day since 1970.", unit="days", required=True),
        Column("from_minute", "INTEGER", "First minute of the window in the day.", unit="minutes", required=True),
        Column("window_minutes", "INTEGER", "The site's window.", unit="minutes", required=True),
        Column("persons", "INTEGER", "Persons who settled in it.", unit="persons", required=True),
        Column("left_out", "INTEGER", "Of them in no minute that could be scanned.", unit="persons", required=True),
    ),
)
ODD_VISITS = Table(
    "odd_visits",
    "The oddest two fifths of all visits and purchases, each against the same person's others.",
    ("settlement_no",),
    (
        Column("settlement_no", "INTEGER", "The visit.", required=True),
        Column("person_no", "INTEGER", "The person.", required=True),
        Column("site_no", "INTEGER", "The site.", required=True),
        Column("day", "INTEGER", "Day since 1970.", unit="days", required=True),
        Column(
            "fee_gap",
            "DOUBLE",
            "Log fee beyond the person's other visits, given kind of place and service.",
            required=True,
        ),
        Column(
            "unusual_credential", "BOOLEAN", "Made with a kind of credential the person seldom uses.", required=True
        ),
        Column(
            "odd_p", "DOUBLE", "Share of visits at least as odd, in the city or at the site, the larger.", required=True
        ),
    ),
)
GRAPH_SETTLEMENTS = Table(
    "graph_settlements",
    "The settlements that become nodes under the build's setting (all, recent, touched).",
    ("settlement_no",),
    (Column("settlement_no", "INTEGER", "The settlement.", required=True),),
)

DERIVED: tuple[Table, ...] = (
    HOLDS, VISITED, SETTLEMENT_DOCTORS, TREATED, SETTLEMENT_TERMINALS, SITE_FAULTS, NEXT_SWIPE, OVERLAPS, CLASHES,
    FILLS, FILLED_AT, FILLED_BY, SERVES, SITE_WINDOWS, CO_PRESENT, CAPPED_CELLS, ODD_VISITS, GRAPH_SETTLEMENTS,
)  # fmt: skip

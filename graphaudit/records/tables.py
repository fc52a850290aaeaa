"""The canonical tables, in the order in which a build stages them.

Ids ending in `_id` are what the graph shows: source codes for sites, doctors, handlers and drugs, keyed
pseudonyms for everything personal. Numbers ending in `_no` are dense, start at 0 and follow the sort order
of the *source* ids, so that nothing computed from them depends on the pseudonym key or on file order.
Detectors compute on numbers; ids appear in findings and in the graph.
"""

from __future__ import annotations

from graphaudit.errors import SchemaError
from graphaudit.records.declaration import Column, Table

# Where a staged row came from, so that a lead walks back to its input line.
SOURCE = (
    Column("source_file", "VARCHAR", "File the row was read from, relative to the source folder.", required=True),
    Column(
        "source_line",
        "BIGINT",
        "Line (CSV, header = 1) or row (Parquet, first = 1) in that file.",
        required=True,
    ),
)

SETTLEMENTS = Table(
    "settlements",
    "One settled visit, purchase or stay; refunds are folded into their original.",
    ("settlement_no",),
    (
        Column("settlement_no", "INTEGER", "Dense number in the order of setl_id.", required=True),
        Column("settlement_id", "VARCHAR", "setl_id of the original settlement.", required=True),
        Column("visit_id", "VARCHAR", "mdtrt_id of the visit it settles."),
        Column("person_no", "INTEGER", "The insured person.", required=True),
        Column("card_no", "INTEGER", "The credential presented; null when the source names none."),
        Column("site_no", "INTEGER", "The institution or pharmacy.", required=True),
        Column("kind", "VARCHAR", "outpatient, chronic, inpatient, pharmacy, maternity or other.", required=True),
        Column(
            "medical_category",
            "VARCHAR",
            "med_type as normalised by the code table; unknown codes stay as they are.",
        ),
        Column("begin_at", "TIMESTAMP", "Start of the visit or admission, local time.", required=True),
        Column("end_at", "TIMESTAMP", "End of the visit or discharge, local time.", required=True),
        Column("settled_at", "TIMESTAMP", "Moment of settlement, local time.", required=True),
        Column(
            "has_clock",
            "BOOLEAN",
            "True when settled_at carries a time of day, not only a date.",
            required=True,
        ),
        Column("day", "INTEGER", "Day of settled_at, counted from 1970-01-01.", unit="days", required=True),
        Column("minute", "SMALLINT", "Minute of the day of settled_at; null without a clock.", unit="minutes"),
        Column("total_fen", "BIGINT", "Total charge, before refunds.", unit="fen", required=True),
        Column("fund_fen", "BIGINT", "Paid by pooled funds, before refunds.", unit="fen", required=True),
        Column(
            "account_fen",
            "BIGINT",
            "Paid from the personal account, before refunds.",
            unit="fen",
            required=True,
        ),
        Column("cash_fen", "BIGINT", "Paid in cash, before refunds.", unit="fen", required=True),
        Column("refunded_at", "TIMESTAMP", "Moment of the last refund; null when nothing came back."),
        Column("refunded_fen", "BIGINT", "Total given back, as a positive amount.", unit="fen", required=True),
        Column(
            "refunded_fund_fen",
            "BIGINT",
            "Part of the refund that went back to pooled funds.",
            unit="fen",
            required=True,
        ),
        Column(
            "is_event",
            "BOOLEAN",
            "False when it was refunded in full: it counts as money, not as a visit.",
            required=True,
        ),
        Column("is_manual", "BOOLEAN", "True for a paper (manual) reimbursement at the agency.", required=True),
        Column("diagnosis_code", "VARCHAR", "Main diagnosis or disease-entity code."),
        Column(
            "doctor_no",
            "INTEGER",
            "Attending doctor, else the doctor of most fee lines; null when blank or unknown.",
        ),
        Column("handler_no", "INTEGER", "Operator or agency handler who settled it."),
        Column("invoice_no", "VARCHAR", "Paper invoice number."),
        Column("insurance_type", "VARCHAR", "insutype code."),
        Column("division", "VARCHAR", "Division where the person is insured."),
        Column("phone_no", "INTEGER", "Contact phone written on the visit; null when it is a placeholder."),
        Column("bed", "VARCHAR", "Bed of admission or discharge."),
        Column("discharge_way", "VARCHAR", "dscg_way code of a stay."),
        *SOURCE,
    ),
)

LINES = Table(
    "lines",
    "One settled fee line.",
    ("line_id",),
    (
        Column("line_id", "VARCHAR", "bkkp_sn.", required=True),
        Column("settlement_no", "INTEGER", "The settlement it belongs to.", required=True),
        Column("item_code", "VARCHAR", "Insurance catalogue code (hilist_code).", required=True),
        Column("charge_type", "VARCHAR", "med_chrgitm_type code (01 bed … 09 western drug … 14 other)."),
        Column(
            "is_drug",
            "BOOLEAN",
            "True for western and Chinese patent drugs and herbal pieces.",
            required=True,
        ),
        Column("quantity", "DOUBLE", "Quantity sold or done.", required=True),
        Column("days", "INTEGER", "Days of supply (prd_days).", unit="days"),
        Column("amount_fen", "BIGINT", "Line amount.", unit="fen", required=True),
        Column("doctor_no", "INTEGER", "Ordering doctor; null when blank or unknown."),
        Column("occurred_at", "TIMESTAMP", "When the charge arose."),
        Column(
            "external_prescription",
            "BOOLEAN",
            "True when a prescription from elsewhere was filled (rx_circ_flag).",
        ),
        *SOURCE,
    ),
)

ITEMS = Table(
    "items",
    "One drug or service item met in the fee lines.",
    ("item_code",),
    (
        Column("item_code", "VARCHAR", "Insurance catalogue code.", required=True),
        Column("name", "VARCHAR", "Its name in the catalogue."),
        Column("is_drug", "BOOLEAN", "True for drugs.", required=True),
        Column("resale_prone", "BOOLEAN", "True when on the list of drugs that are often resold.", required=True),
    ),
)

PERSONS = Table(
    "persons",
    "One insured person seen in any table.",
    ("person_no",),
    (
        Column("person_no", "INTEGER", "Dense number in the order of psn_no.", required=True),
        Column("person_id", "VARCHAR", "Keyed pseudonym of psn_no.", required=True, pseudonym=True),
        Column("sex", "VARCHAR", "male, female or null."),
        Column("birth_year", "INTEGER", "Year of birth."),
        Column("insurance_type", "VARCHAR", "insutype code of the current enrolment."),
        Column("division", "VARCHAR", "Division where insured."),
        Column("died_on", "DATE", "Earliest date of death any table gives."),
        Column("enrolled_from", "DATE", "Start of enrolment."),
        Column("enrolled_until", "DATE", "Pause or end of enrolment."),
        Column("household_no", "INTEGER", "Known household (same resdbook_no)."),
        Column(
            "probable_household_no",
            "INTEGER",
            "Probable household (same address and same phone); null when alone.",
        ),
        Column("address_no", "INTEGER", "Residence address."),
        Column("locality_no", "INTEGER", "Its village, estate or street: what is written before the house number."),
        Column("phone_no", "INTEGER", "Own phone; null when it is a placeholder."),
        Column("employer_no", "INTEGER", "Real employer; null for virtual employers."),
    ),
)

CARDS = Table(
    "cards",
    "One credential presented at settlement.",
    ("card_no",),
    (
        Column("card_no", "INTEGER", "Dense number in the order of type and number.", required=True),
        Column(
            "card_id",
            "VARCHAR",
            "Keyed pseudonym of mdtrt_cert_type-mdtrt_cert_no.",
            required=True,
            pseudonym=True,
        ),
        Column("kind", "VARCHAR", "e_credential, id_card, social_security_card or other.", required=True),
    ),
)

SITES = Table(
    "sites",
    "One designated institution or retail pharmacy.",
    ("site_no",),
    (
        Column("site_no", "INTEGER", "Dense number in the order of fixmedins_code.", required=True),
        Column("site_id", "VARCHAR", "fixmedins_code.", required=True),
        Column("kind", "VARCHAR", "institution or pharmacy.", required=True),
        Column("name", "VARCHAR", "Registered name."),
        Column("level", "VARCHAR", "hosp_lv code, zero-padded."),
        Column("beds", "INTEGER", "Approved beds.", unit="beds"),
        Column("division", "VARCHAR", "Division it belongs to."),
        Column(
            "owner_id",
            "VARCHAR",
            "Unified social credit code of the owner, else a pseudonym of the legal representative.",
        ),
        Column("chain_id", "VARCHAR", "Parent institution or chain code."),
        Column("address_no", "INTEGER", "Its address."),
        Column("longitude", "DOUBLE", "Longitude.", unit="degrees"),
        Column("latitude", "DOUBLE", "Latitude.", unit="degrees"),
        Column("open_from", "DATE", "Start of designation."),
        Column("open_until", "DATE", "End of designation."),
    ),
)

SITE_PAUSES = Table(
    "site_pauses",
    "One period in which a site's settlement was suspended.",
    ("site_no", "from_at"),
    (
        Column("site_no", "INTEGER", "The suspended site.", required=True),
        Column("kind", "VARCHAR", "fixmedins_paus_type code."),
        Column("from_at", "TIMESTAMP", "Begin.", required=True),
        Column("until_at", "TIMESTAMP", "End; null while it lasts."),
    ),
)

DOCTORS = Table(
    "doctors",
    "One doctor; blank and unknown codes are not doctors.",
    ("doctor_no",),
    (
        Column("doctor_no", "INTEGER", "Dense number in the order of dr_code.", required=True),
        Column("doctor_id", "VARCHAR", "dr_code.", required=True),
        Column("speciality", "VARCHAR", "Practice category or scope."),
        Column("multi_site", "BOOLEAN", "True when multi-site practice is registered.", required=True),
        Column("person_no", "INTEGER", "The doctor as an insured person, when named."),
    ),
)

PRACTICES = Table(
    "practices",
    "One doctor registered at, or seen settling at, one institution.",
    ("doctor_no", "site_no"),
    (
        Column("doctor_no", "INTEGER", "The doctor.", required=True),
        Column("site_no", "INTEGER", "The institution.", required=True),
        Column(
            "registered",
            "BOOLEAN",
            "True when the register names it, false when only settlements do.",
            required=True,
        ),
        Column("from_on", "DATE", "Begin of registration."),
        Column("until_on", "DATE", "End of registration."),
    ),
)

HANDLERS = Table(
    "handlers",
    "One institution operator or agency handler.",
    ("handler_no",),
    (
        Column("handler_no", "INTEGER", "Dense number in the order of handler_id.", required=True),
        Column(
            "handler_id",
            "VARCHAR",
            "fixmedins_code:opter_id at an institution, opter_id at an agency.",
            required=True,
        ),
        Column("kind", "VARCHAR", "operator or agency.", required=True),
        Column("office", "VARCHAR", "Agency office (optins_no) most used."),
        Column("site_no", "INTEGER", "Institution of an operator."),
        Column("person_no", "INTEGER", "The handler as an insured person, when named."),
    ),
)

SIGN_INS = Table(
    "sign_ins",
    "One sign-in of a site's terminal to the platform.",
    ("sign_in_id",),
    (
        Column("sign_in_id", "VARCHAR", "sign_sn.", required=True),
        Column("site_no", "INTEGER", "The site.", required=True),
        Column("handler_no", "INTEGER", "Operator who signed in."),
        Column("terminal_no", "INTEGER", "Terminal, by its MAC address."),
        Column("from_at", "TIMESTAMP", "Sign-in.", required=True),
        Column("until_at", "TIMESTAMP", "Sign-out; null when it was never signed out."),
    ),
)

MANUAL_CASES = Table(
    "manual_cases",
    "One paper reimbursement case registered at an agency.",
    ("case_no",),
    (
        Column("case_no", "INTEGER", "Dense number in the order of med_fee_reg_id.", required=True),
        Column("case_id", "VARCHAR", "med_fee_reg_id.", required=True),
        Column("settlement_no", "INTEGER", "The settlement that paid it; null while unsettled."),
        Column("person_no", "INTEGER", "The claimant.", required=True),
        Column("accepted_by", "INTEGER", "Handler who entered it (crter_id, else opter_id)."),
        Column("accepted_at", "TIMESTAMP", "When it was entered."),
        Column("bank_account_no", "INTEGER", "Account it was paid into."),
        Column("phone_no", "INTEGER", "Phone given for it; null when it is a placeholder."),
        Column("invoice_no", "VARCHAR", "Invoice number presented."),
        Column("total_fen", "BIGINT", "Total on the paper.", unit="fen"),
        Column("reason", "VARCHAR", "manl_reim_rea code."),
        Column("state", "VARCHAR", "reim_stas code."),
        *SOURCE,
    ),
)

REVIEWS = Table(
    "reviews",
    "One review step of a manual case, in order of time.",
    ("review_id",),
    (
        Column("review_id", "VARCHAR", "biz_gen_chk_id.", required=True),
        Column("case_no", "INTEGER", "The case.", required=True),
        Column(
            "step",
            "INTEGER",
            "0 = acceptance (受理), where the flow writes it; 1 = first review (初审), 2 = second, …",
            required=True,
        ),
        Column("handler_no", "INTEGER", "Reviewer."),
        Column("at", "TIMESTAMP", "When."),
        Column("result", "VARCHAR", "rchk_flag code."),
        *SOURCE,
    ),
)

PAYOUTS = Table(
    "payouts",
    "One payment of a manual case or settlement.",
    ("payout_id",),
    (
        Column("payout_id", "VARCHAR", "dfr_id.", required=True),
        Column("case_no", "INTEGER", "The case paid, when it is one."),
        Column("settlement_no", "INTEGER", "The settlement paid."),
        Column("bank_account_no", "INTEGER", "Account paid into."),
        Column("amount_fen", "BIGINT", "Amount.", unit="fen", required=True),
        Column("paid_at", "TIMESTAMP", "When it was booked."),
    ),
)

REGISTRATIONS = Table(
    "registrations",
    "One benefit registration: a chronic or special disease, or a designated site.",
    ("registration_id",),
    (
        Column("registration_id", "VARCHAR", "trt_dcla_detl_sn.", required=True),
        Column("kind", "VARCHAR", "chronic_disease or designated_site.", required=True),
        Column("person_no", "INTEGER", "The beneficiary.", required=True),
        Column("disease_code", "VARCHAR", "opsp_dise_code."),
        Column("disease_name", "VARCHAR", "opsp_dise_name."),
        Column("from_on", "DATE", "Begin."),
        Column("until_on", "DATE", "End."),
        Column("site_no", "INTEGER", "Designated or certifying institution."),
        Column("doctor_no", "INTEGER", "Certifying doctor."),
        Column("agent_no", "INTEGER", "Agent who applied for the person."),
        Column("agent_relation", "VARCHAR", "agnter_rlts code."),
        Column("phone_no", "INTEGER", "Phone given."),
        Column("handler_no", "INTEGER", "Agency handler."),
        Column("handled_at", "TIMESTAMP", "When it was handled."),
    ),
)

PACK_SALES = Table(
    "pack_sales",
    "One traced package sold; returns are folded in.",
    ("sale_no",),
    (
        Column(
            "sale_no",
            "INTEGER",
            "Dense number in the order of trace code, settlement and time.",
            required=True,
        ),
        Column("trace_code", "VARCHAR", "drug_trac_codg.", required=True),
        Column("settlement_no", "INTEGER", "The settlement, when the sale was insured."),
        Column("site_no", "INTEGER", "Seller."),
        Column("person_no", "INTEGER", "Buyer."),
        Column("item_code", "VARCHAR", "Catalogue code."),
        Column("sold_at", "TIMESTAMP", "When."),
        Column("quantity", "DOUBLE", "Quantity sold."),
        Column(
            "split_pack",
            "BOOLEAN",
            "True when the pack was opened (trdn_flag): repeats are then legitimate.",
            required=True,
        ),
        Column("returned", "BOOLEAN", "True when the sale was taken back.", required=True),
    ),
)

EMPLOYERS = Table(
    "employers",
    "One employer, school or residents' body.",
    ("employer_no",),
    (
        Column("employer_no", "INTEGER", "Dense number in the order of emp_no.", required=True),
        Column("employer_id", "VARCHAR", "emp_no.", required=True),
        Column("name", "VARCHAR", "Registered name."),
        Column(
            "is_virtual",
            "BOOLEAN",
            "True for emp_mgt_type 02–08: a bookkeeping body, not a workplace.",
            required=True,
        ),
    ),
)

IDENTIFIERS = Table(
    "identifiers",
    "One identifier that persons may share.",
    ("kind", "no"),
    (
        Column("kind", "VARCHAR", "phone, address, household, bank_account, agent or terminal.", required=True),
        Column("no", "INTEGER", "Dense number within the kind, in the order of the source value.", required=True),
        Column(
            "id",
            "VARCHAR",
            "Keyed pseudonym (terminal: the MAC address itself).",
            required=True,
            pseudonym=True,
        ),
        Column("persons", "INTEGER", "Persons who carry it.", unit="persons", required=True),
    ),
)

BENIGN_REGISTER = Table(
    "benign_register",
    "What the unit itself knows: nursing homes, check-up contracts, market and member days.",
    ("entry_no",),
    (
        Column("entry_no", "INTEGER", "Dense number in file order of the sorted register.", required=True),
        Column(
            "kind",
            "VARCHAR",
            "nursing_home, check_up, market_day, member_day, companions or other.",
            required=True,
        ),
        Column("person_no", "INTEGER", "Person it speaks of."),
        Column("site_no", "INTEGER", "Site it speaks of."),
        Column("address_no", "INTEGER", "Address it speaks of."),
        Column("from_on", "DATE", "Begin."),
        Column("until_on", "DATE", "End."),
        Column("note", "VARCHAR", "The unit's own note."),
    ),
)

IDENTITIES = Table(
    "identities",
    "Source id and name behind a number; read only to export or reveal for a caller who may.",
    ("kind", "no"),
    (
        Column(
            "kind",
            "VARCHAR",
            "person, card, doctor, site, handler, phone, address, household, employer, bank_account, agent, terminal.",
            required=True,
        ),
        Column("no", "INTEGER", "Number in the canonical tables.", required=True),
        Column("id", "VARCHAR", "Id shown in the graph.", required=True),
        Column("source_id", "VARCHAR", "Identifier in the source.", required=True, personal=True),
        Column("name", "VARCHAR", "Name in the source.", personal=True),
    ),
    restricted=True,
)

TABLES: tuple[Table, ...] = (
    SETTLEMENTS,
    LINES,
    ITEMS,
    PERSONS,
    CARDS,
    SITES,
    SITE_PAUSES,
    DOCTORS,
    PRACTICES,
    HANDLERS,
    SIGN_INS,
    MANUAL_CASES,
    REVIEWS,
    PAYOUTS,
    REGISTRATIONS,
    PACK_SALES,
    EMPLOYERS,
    IDENTIFIERS,
    BENIGN_REGISTER,
    IDENTITIES,
)


def table(name: str) -> Table:
    """The canonical table called `name`; SchemaError when there is none."""
    for declared in TABLES:
        if declared.name == name:
            return declared
    raise SchemaError(f"no canonical table {name}")

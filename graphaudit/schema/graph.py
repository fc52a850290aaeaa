"""The graph of one build. Amounts are integer fen; times are stored readable and as integers for queries."""

from __future__ import annotations

from graphaudit.errors import SchemaError
from graphaudit.schema.declaration import NodeType, Property, RelationshipType

P = Property

# ---- nodes ---------------------------------------------------------------------------------------------

PERSON = NodeType(
    "Person",
    P("person_id", "string", "Keyed pseudonym of the person number (psn_no).", personal=True),
    (
        P("sex", "string", "male or female; absent when unknown."),
        P("birth_year", "integer", "Year of birth."),
        P("insurance_type", "string", "insutype code."),
        P("division", "string", "Division where insured.", indexed=True),
        P("died_on", "date", "Earliest date of death that any table gives."),
        P("enrolled_from", "date", "Start of enrolment."),
        P("enrolled_until", "date", "Pause or end of enrolment."),
    ),
    "An insured person.",
)
CARD = NodeType(
    "Card",
    P("card_id", "string", "Keyed pseudonym of credential type and number.", personal=True),
    (
        P("kind", "string", "e_credential, id_card, social_security_card or other."),
        P("persons", "integer", "Persons who were settled with it.", unit="persons", indexed=True),
    ),
    "A credential presented at settlement.",
)
DOCTOR = NodeType(
    "Doctor",
    P("doctor_id", "string", "Doctor code (dr_code)."),
    (
        P("speciality", "string", "Practice category or scope."),
        P("multi_site", "boolean", "True when multi-site practice is registered."),
        P("sites", "integer", "Institutions where settlements name the doctor.", unit="sites"),
    ),
    "A physician; blank and unknown codes are not a doctor.",
)
INSTITUTION = NodeType(
    "Institution",
    P("institution_id", "string", "Designated institution code (fixmedins_code)."),
    (
        P("name", "string", "Registered name."),
        P("level", "string", "hosp_lv code."),
        P("beds", "integer", "Approved beds.", unit="beds"),
        P("division", "string", "Division it belongs to.", indexed=True),
        P("owner_id", "string", "Owner, as credit code or pseudonym.", personal=True),
        P("settlements", "integer", "Settlements in this build: its degree.", unit="settlements"),
        P("suspended_days", "integer", "Days of suspension within the build's period.", unit="days"),
    ),
    "A designated hospital or clinic.",
)
PHARMACY = NodeType(
    "Pharmacy",
    P("pharmacy_id", "string", "Designated pharmacy code (fixmedins_code)."),
    (
        P("name", "string", "Registered name."),
        P("chain_id", "string", "Parent or chain code."),
        P("division", "string", "Division it belongs to.", indexed=True),
        P("owner_id", "string", "Owner, as credit code or pseudonym.", personal=True),
        P("settlements", "integer", "Settlements in this build: its degree.", unit="settlements"),
        P("suspended_days", "integer", "Days of suspension within the build's period.", unit="days"),
    ),
    "A designated retail pharmacy.",
)
SETTLEMENT = NodeType(
    "Settlement",
    P("settlement_id", "string", "setl_id of the original settlement."),
    (
        P("kind", "string", "outpatient, chronic, inpatient, pharmacy, maternity or other."),
        P("begin_at", "datetime", "Start of the visit or admission, local time."),
        P("end_at", "datetime", "End of the visit or discharge, local time."),
        P("settled_at", "datetime", "Moment of settlement, local time."),
        P("begin_s", "integer", "begin_at as seconds since 1970.", unit="seconds"),
        P("end_s", "integer", "end_at as seconds since 1970.", unit="seconds"),
        P("settled_s", "integer", "settled_at as seconds since 1970.", unit="seconds"),
        P("day", "integer", "Day of settled_at since 1970.", unit="days", indexed=True),
        P("minute", "integer", "Minute of the day; absent without a clock.", unit="minutes"),
        P("total_fen", "integer", "Total charge before refunds.", unit="fen"),
        P("fund_fen", "integer", "Paid by pooled funds before refunds.", unit="fen"),
        P("account_fen", "integer", "Paid from the personal account.", unit="fen"),
        P("cash_fen", "integer", "Paid in cash.", unit="fen"),
        P("diagnosis_code", "string", "Main diagnosis or disease-entity code."),
        P("is_manual", "boolean", "True for a paper reimbursement."),
        P("refunded_at", "datetime", "Moment of the last refund."),
        P("refunded_fen", "integer", "Total given back, positive.", unit="fen"),
    ),
    "One settled visit, purchase or stay; refunds are folded in but kept.",
)
HANDLER = NodeType(
    "Handler",
    P("handler_id", "string", "fixmedins_code:opter_id at an institution, opter_id at an agency."),
    (
        P("kind", "string", "operator or agency."),
        P("office", "string", "Agency office most used."),
        P("cases", "integer", "Manual cases entered or reviewed.", unit="cases"),
    ),
    "Somebody who entered, reviewed or approved.",
)
TERMINAL = NodeType(
    "Terminal",
    P("terminal_id", "string", "MAC address or device number."),
    (P("sites", "integer", "Sites that signed in from it.", unit="sites"),),
    "A device from which settlements came.",
)
PHONE = NodeType(
    "Phone",
    P("phone_id", "string", "Keyed pseudonym of the number.", personal=True),
    (P("persons", "integer", "Persons who carry it.", unit="persons", indexed=True),),
    "A phone number that is not a placeholder.",
)
BANK_ACCOUNT = NodeType(
    "BankAccount",
    P("bank_account_id", "string", "Keyed pseudonym of the account number.", personal=True),
    (P("persons", "integer", "Persons whose cases were paid into it.", unit="persons", indexed=True),),
    "An account that manual reimbursements were paid into.",
)
HOUSEHOLD = NodeType(
    "Household",
    P("household_id", "string", "Keyed pseudonym of the household book number.", personal=True),
    (P("persons", "integer", "Persons registered in it.", unit="persons"),),
    "A known household.",
)
ADDRESS = NodeType(
    "Address",
    P("address_id", "string", "Keyed pseudonym of the address.", personal=True),
    (P("persons", "integer", "Persons who live there.", unit="persons", indexed=True),),
    "A residence address.",
)
EMPLOYER = NodeType(
    "Employer",
    P("employer_id", "string", "emp_no."),
    (P("persons", "integer", "Persons insured through it.", unit="persons", indexed=True),),
    "A real employer or school; virtual employers are left out.",
)
AGENT = NodeType(
    "Agent",
    P("agent_id", "string", "Keyed pseudonym of the agent's certificate, else phone.", personal=True),
    (P("persons", "integer", "Persons represented.", unit="persons", indexed=True),),
    "Somebody who applied for another person's benefit.",
)
INVOICE = NodeType(
    "Invoice",
    P("invoice_no", "string", "Paper invoice number."),
    (P("persons", "integer", "Persons who claimed on it.", unit="persons", indexed=True),),
    "A paper invoice presented for manual reimbursement.",
)
DRUG = NodeType(
    "Drug",
    P("item_code", "string", "Insurance catalogue code."),
    (
        P("name", "string", "Name in the catalogue."),
        P("resale_prone", "boolean", "True when on the list of drugs that are often resold."),
    ),
    "A drug.",
)
DRUG_PACK = NodeType(
    "DrugPack",
    P("trace_code", "string", "Trace code of one package."),
    (P("sales", "integer", "Sales that were not taken back.", unit="sales", indexed=True),),
    "A traced package sold more than once; unique packs stay in the tables.",
)
LEAD = NodeType(
    "Lead",
    P("lead_id", "string", "Identity that stays from build to build."),
    (
        P("rank", "integer", "Place in this build's list, 1 = first.", indexed=True),
        P("score", "float", "Strength of the evidence in [0, 1]."),
        P("pattern", "string", "Pattern the evidence is consistent with.", indexed=True),
        P("title_zh", "string", "Neutral title in Chinese."),
        P("title_en", "string", "Neutral title in English."),
        P("status", "string", "State of work on it."),
    ),
    "A published lead.",
)

NODES: tuple[NodeType, ...] = (
    PERSON,
    CARD,
    DOCTOR,
    INSTITUTION,
    PHARMACY,
    SETTLEMENT,
    HANDLER,
    TERMINAL,
    PHONE,
    BANK_ACCOUNT,
    HOUSEHOLD,
    ADDRESS,
    EMPLOYER,
    AGENT,
    INVOICE,
    DRUG,
    DRUG_PACK,
    LEAD,
)

# ---- relationships -------------------------------------------------------------------------------------

SPAN = (
    P("n", "integer", "Settlements behind it.", unit="settlements"),
    P("first_day", "integer", "First day since 1970.", unit="days"),
    P("last_day", "integer", "Last day since 1970.", unit="days"),
)
TESTED = (
    P("expected", "float", "What volume and habit alone would give.", unit="same as the count beside it"),
    P(
        "llr",
        "float",
        "Poisson log-likelihood ratio of the count against the expectation, 0 when below it.",
        unit="nats",
    ),
)

# (:Person)-[:HOLDS]->(:Card)
HOLDS = RelationshipType("HOLDS", (PERSON,), (CARD,), "The person was settled with this credential.", SPAN)
# (:Settlement)-[:OF_PERSON]->(:Person)
OF_PERSON = RelationshipType("OF_PERSON", (SETTLEMENT,), (PERSON,), "Whose settlement it is.", many=False)
# (:Settlement)-[:PAID_WITH]->(:Card)
PAID_WITH = RelationshipType("PAID_WITH", (SETTLEMENT,), (CARD,), "The credential presented.", many=False)
# (:Settlement)-[:SETTLED_AT]->(:Institution|Pharmacy)
SETTLED_AT = RelationshipType("SETTLED_AT", (SETTLEMENT,), (INSTITUTION, PHARMACY), "Where it was settled.", many=False)
# (:Settlement)-[:TREATED_BY]->(:Doctor)
TREATED_BY = RelationshipType(
    "TREATED_BY",
    (SETTLEMENT,),
    (DOCTOR,),
    "A doctor named by it.",
    (P("role", "string", "attending or ordering."),),
)
STEP = (
    P("at_s", "integer", "When, as seconds since 1970.", unit="seconds"),
    P("result", "string", "Result code of the step."),
)
# (:Settlement)-[:ENTERED_BY]->(:Handler)
ENTERED_BY = RelationshipType(
    "ENTERED_BY",
    (SETTLEMENT,),
    (HANDLER,),
    "Who entered the manual case, or operated the settlement.",
    STEP,
    many=False,
)
# (:Settlement)-[:REVIEWED_BY]->(:Handler)
REVIEWED_BY = RelationshipType("REVIEWED_BY", (SETTLEMENT,), (HANDLER,), "First review (初审) of a manual case.", STEP)
# (:Settlement)-[:APPROVED_BY]->(:Handler)
APPROVED_BY = RelationshipType(
    "APPROVED_BY", (SETTLEMENT,), (HANDLER,), "Second or later review (复审) of a manual case.", STEP
)
# (:Settlement)-[:ON_TERMINAL]->(:Terminal)
ON_TERMINAL = RelationshipType(
    "ON_TERMINAL",
    (SETTLEMENT,),
    (TERMINAL,),
    "The terminal signed in by its operator at that moment.",
    many=False,
)
# (:Settlement)-[:NEXT_SWIPE]->(:Settlement)
NEXT_SWIPE = RelationshipType(
    "NEXT_SWIPE",
    (SETTLEMENT,),
    (SETTLEMENT,),
    "The next settlement of another person at the same site, at most ten minutes later.",
    (P("gap_seconds", "integer", "Seconds between the two.", unit="seconds"),),
    many=False,
)
# (:Settlement)-[:DISPENSED]->(:Drug)
DISPENSED = RelationshipType(
    "DISPENSED",
    (SETTLEMENT,),
    (DRUG,),
    "A resale-prone drug sold in it; other drugs stay in the tables.",
    (
        P("quantity", "float", "Quantity sold.", unit="packs"),
        P("days", "integer", "Days of supply.", unit="days"),
        P("amount_fen", "integer", "Amount.", unit="fen"),
    ),
)
# (:Settlement)-[:SOLD_PACK]->(:DrugPack)
SOLD_PACK = RelationshipType(
    "SOLD_PACK",
    (SETTLEMENT,),
    (DRUG_PACK,),
    "A traced package sold in it and not taken back.",
    (
        P("sold_s", "integer", "When, as seconds since 1970.", unit="seconds"),
        P("split_pack", "boolean", "True when the pack was opened, so that repeats are legitimate."),
    ),
)
# (:Doctor)-[:PRACTISES_AT]->(:Institution)
PRACTISES_AT = RelationshipType(
    "PRACTISES_AT",
    (DOCTOR,),
    (INSTITUTION,),
    "The doctor is registered there, or settlements say so.",
    (P("registered", "boolean", "True for registered (legal multi-site) practice."),),
)
# (:Person)-[:LIVES_IN]->(:Household|Address)
LIVES_IN = RelationshipType("LIVES_IN", (PERSON,), (HOUSEHOLD, ADDRESS), "Registered household, or residence address.")
# (:Person|Settlement)-[:HAS_PHONE]->(:Phone)
HAS_PHONE = RelationshipType(
    "HAS_PHONE",
    (PERSON, SETTLEMENT),
    (PHONE,),
    "The person's own phone, or the contact written on a stay or manual case.",
    many=False,
)
# (:Person)-[:INSURED_THROUGH]->(:Employer)
INSURED_THROUGH = RelationshipType(
    "INSURED_THROUGH", (PERSON,), (EMPLOYER,), "Real employer of the current enrolment.", many=False
)
# (:Settlement)-[:PAID_TO]->(:BankAccount)
PAID_TO = RelationshipType(
    "PAID_TO",
    (SETTLEMENT,),
    (BANK_ACCOUNT,),
    "Account that the manual reimbursement was paid into.",
    many=False,
)
# (:Person)-[:REPRESENTED_BY]->(:Agent)
REPRESENTED_BY = RelationshipType("REPRESENTED_BY", (PERSON,), (AGENT,), "The agent applied for the person's benefit.")
# (:Settlement)-[:EVIDENCED_BY]->(:Invoice)
EVIDENCED_BY = RelationshipType(
    "EVIDENCED_BY", (SETTLEMENT,), (INVOICE,), "Paper invoice of a manual reimbursement.", many=False
)
# (:Person)-[:VISITED]->(:Institution|Pharmacy)
VISITED = RelationshipType(
    "VISITED",
    (PERSON,),
    (INSTITUTION, PHARMACY),
    "All settlements of a person at a site, summed.",
    (
        *SPAN,
        P("total_fen", "integer", "Total charge.", unit="fen"),
        P("fund_fen", "integer", "Paid by pooled funds.", unit="fen"),
    ),
)
# (:Doctor)-[:TREATED]->(:Person)
TREATED = RelationshipType(
    "TREATED",
    (DOCTOR,),
    (PERSON,),
    "All settlements of a person that name the doctor, summed.",
    (
        P("n", "integer", "Settlements behind it.", unit="settlements"),
        P("total_fen", "integer", "Total charge.", unit="fen"),
    ),
)
# (:Doctor)-[:FILLED_AT]->(:Pharmacy)
FILLED_AT = RelationshipType(
    "FILLED_AT",
    (DOCTOR,),
    (PHARMACY,),
    "Visits of the doctor's patients that were followed by a purchase there within a day.",
    (
        P("n", "integer", "Visit-and-purchase pairs.", unit="pairs"),
        P("persons", "integer", "Distinct patients.", unit="persons"),
        P("doctor_share", "float", "Share of the doctor's next-day purchases that fall to this pharmacy."),
        P("pharmacy_share", "float", "Share of the pharmacy's purchases that follow this doctor."),
        *TESTED,
    ),
)
# (:Settlement)-[:FILLED_BY]->(:Settlement)
FILLED_BY = RelationshipType(
    "FILLED_BY",
    (SETTLEMENT,),
    (SETTLEMENT,),
    "A doctor's visit and the same person's pharmacy purchase within a day, on a tested FILLED_AT.",
    (P("gap_seconds", "integer", "Seconds from visit to purchase.", unit="seconds"),),
)
# (:Handler)-[:SERVES]->(:Person)
SERVES = RelationshipType(
    "SERVES",
    (HANDLER,),
    (PERSON,),
    "Manual cases of the person that this handler entered, against the office's other handlers.",
    (
        P("n", "integer", "Cases entered.", unit="cases"),
        P("person_cases", "integer", "All cases of the person.", unit="cases"),
        P("share", "float", "Share of the person's cases that this handler entered."),
        P("office_share", "float", "Share of the office's cases of that kind and time that this handler entered."),
        *TESTED,
    ),
)
# (:Settlement)-[:OVERLAPS]->(:Settlement)
OVERLAPS = RelationshipType(
    "OVERLAPS",
    (SETTLEMENT,),
    (SETTLEMENT,),
    "Two services of one person or one card that cannot both be true; the earlier settlement starts it.",
    (
        P("kind", "string", "stay_and_visit, two_stays or two_places."),
        P("minutes", "integer", "Minutes of overlap, or minutes between two places.", unit="minutes"),
    ),
)
# (:Person)-[:CLASHES_AT]->(:Institution|Pharmacy)
CLASHES_AT = RelationshipType(
    "CLASHES_AT",
    (PERSON,),
    (INSTITUTION, PHARMACY),
    "Overlaps in which this site settled one of the two services, against the site's own rate.",
    (P("n", "integer", "Overlaps.", unit="overlaps"), *TESTED),
)
# (:Person)-[:CO_PRESENT]->(:Person)
CO_PRESENT = RelationshipType(
    "CO_PRESENT",
    (PERSON,),
    (PERSON,),
    "The two settle together on more days than volume and both habits explain; the smaller number starts it.",
    (
        P("days", "integer", "Days on which they settled at one site within its window.", unit="days"),
        P("same_household", "boolean", "True when household, or address and phone, are shared."),
        *TESTED,
    ),
)
# (:Lead)-[:IMPLICATES]->(any member)
IMPLICATES = RelationshipType(
    "IMPLICATES",
    (LEAD,),
    (
        PERSON,
        CARD,
        DOCTOR,
        INSTITUTION,
        PHARMACY,
        HANDLER,
        TERMINAL,
        PHONE,
        BANK_ACCOUNT,
        HOUSEHOLD,
        EMPLOYER,
        AGENT,
        SETTLEMENT,
    ),
    "A member of the lead, or a settlement in its evidence.",
    (
        P("role", "string", "What the member is in the lead; evidence for settlements."),
        P("strength", "float", "How firmly it belongs, in [0, 1]."),
    ),
)

RELATIONSHIPS: tuple[RelationshipType, ...] = (
    HOLDS,
    OF_PERSON,
    PAID_WITH,
    SETTLED_AT,
    TREATED_BY,
    ENTERED_BY,
    REVIEWED_BY,
    APPROVED_BY,
    ON_TERMINAL,
    NEXT_SWIPE,
    DISPENSED,
    SOLD_PACK,
    PRACTISES_AT,
    LIVES_IN,
    HAS_PHONE,
    INSURED_THROUGH,
    PAID_TO,
    REPRESENTED_BY,
    EVIDENCED_BY,
    VISITED,
    TREATED,
    FILLED_AT,
    FILLED_BY,
    SERVES,
    OVERLAPS,
    CLASHES_AT,
    CO_PRESENT,
    IMPLICATES,
)


def node(label: str) -> NodeType:
    """The node type called `label`; SchemaError when there is none."""
    for declared in NODES:
        if declared.label == label:
            return declared
    raise SchemaError(f"no node label {label}")


def relationship(name: str) -> RelationshipType:
    """The relationship type called `name`; SchemaError when there is none."""
    for declared in RELATIONSHIPS:
        if declared.name == name:
            return declared
    raise SchemaError(f"no relationship type {name}")

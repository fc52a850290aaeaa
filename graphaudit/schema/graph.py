"""The graph of one build. Amounts are integer fen; times are stored readable and as integers for queries."""

from __future__ import annotations

from graphaudit.errors import SchemaError
from graphaudit.schema.declaration import NodeType, Property, RelationshipType

P = Property

# ---- nodes ---------------------------------------------------------------------------------------------

PERSON = NodeType(
    "Person",
    P("person_id", "string", "Keyed pseudonym of the person number (psn_no).", personal=True, zh="人员假名"),
    (
        P("sex", "string", "male or female; absent when unknown.", zh="性别"),
        P("birth_year", "integer", "Year of birth.", zh="出生年份"),
        P("insurance_type", "string", "insutype code.", zh="险种类型"),
        P("division", "string", "Division where insured.", indexed=True, zh="行政区划"),
        P("died_on", "date", "Earliest date of death that any table gives.", zh="死亡日期"),
        P("enrolled_from", "date", "Start of enrolment.", zh="参保开始日期"),
        P("enrolled_until", "date", "Pause or end of enrolment.", zh="参保终止日期"),
    ),
    "An insured person.",
    zh="参保人",
)
CARD = NodeType(
    "Card",
    P("card_id", "string", "Keyed pseudonym of credential type and number.", personal=True, zh="凭证假名"),
    (
        P("kind", "string", "e_credential, id_card, social_security_card or other.", zh="凭证类型"),
        P("persons", "integer", "Persons who were settled with it.", unit="persons", indexed=True, zh="人数"),
    ),
    "A credential presented at settlement.",
    zh="就医凭证",
)
DOCTOR = NodeType(
    "Doctor",
    P("doctor_id", "string", "Doctor code (dr_code).", zh="医师代码"),
    (
        P("speciality", "string", "Practice category or scope.", zh="执业类别或范围"),
        P("multi_site", "boolean", "True when multi-site practice is registered.", zh="多点执业"),
        P("sites", "integer", "Institutions where settlements name the doctor.", unit="sites", zh="机构数"),
    ),
    "A physician; blank and unknown codes are not a doctor.",
    zh="医师",
)
INSTITUTION = NodeType(
    "Institution",
    P("institution_id", "string", "Designated institution code (fixmedins_code).", zh="定点医疗机构编号"),
    (
        P("name", "string", "Registered name.", zh="名称"),
        P("level", "string", "hosp_lv code.", zh="医院等级"),
        P("beds", "integer", "Approved beds.", unit="beds", zh="床位数"),
        P("division", "string", "Division it belongs to.", indexed=True, zh="行政区划"),
        P("owner_id", "string", "Owner, as credit code or pseudonym.", personal=True, zh="举办者"),
        P("settlements", "integer", "Settlements in this build: its degree.", unit="settlements", zh="结算数"),
        P("suspended_days", "integer", "Days of suspension within the build's period.", unit="days", zh="暂停天数"),
    ),
    "A designated hospital or clinic.",
    zh="定点医疗机构",
)
PHARMACY = NodeType(
    "Pharmacy",
    P("pharmacy_id", "string", "Designated pharmacy code (fixmedins_code).", zh="定点零售药店编号"),
    (
        P("name", "string", "Registered name.", zh="名称"),
        P("chain_id", "string", "Parent or chain code.", zh="连锁总部"),
        P("division", "string", "Division it belongs to.", indexed=True, zh="行政区划"),
        P("owner_id", "string", "Owner, as credit code or pseudonym.", personal=True, zh="举办者"),
        P("settlements", "integer", "Settlements in this build: its degree.", unit="settlements", zh="结算数"),
        P("suspended_days", "integer", "Days of suspension within the build's period.", unit="days", zh="暂停天数"),
    ),
    "A designated retail pharmacy.",
    zh="定点零售药店",
)
SETTLEMENT = NodeType(
    "Settlement",
    P("settlement_id", "string", "setl_id of the original settlement.", zh="结算编号"),
    (
        P("kind", "string", "outpatient, chronic, inpatient, pharmacy, maternity or other.", zh="结算类别"),
        P("begin_at", "datetime", "Start of the visit or admission, local time.", zh="开始时间"),
        P("end_at", "datetime", "End of the visit or discharge, local time.", zh="结束时间"),
        P("settled_at", "datetime", "Moment of settlement, local time.", zh="结算时间"),
        P("begin_s", "integer", "begin_at as seconds since 1970.", unit="seconds", zh="开始时刻（秒）"),
        P("end_s", "integer", "end_at as seconds since 1970.", unit="seconds", zh="结束时刻（秒）"),
        P("settled_s", "integer", "settled_at as seconds since 1970.", unit="seconds", zh="结算时刻（秒）"),
        P("day", "integer", "Day of settled_at since 1970.", unit="days", indexed=True, zh="结算日序"),
        P("minute", "integer", "Minute of the day; absent without a clock.", unit="minutes", zh="当日分钟"),
        P("total_fen", "integer", "Total charge before refunds.", unit="fen", zh="总费用"),
        P("fund_fen", "integer", "Paid by pooled funds before refunds.", unit="fen", zh="统筹基金支付"),
        P("account_fen", "integer", "Paid from the personal account.", unit="fen", zh="个人账户支付"),
        P("cash_fen", "integer", "Paid in cash.", unit="fen", zh="现金支付"),
        P("diagnosis_code", "string", "Main diagnosis or disease-entity code.", zh="主要诊断"),
        P("is_manual", "boolean", "True for a paper reimbursement.", zh="手工报销"),
        P("refunded_at", "datetime", "Moment of the last refund.", zh="退费时间"),
        P("refunded_fen", "integer", "Total given back, positive.", unit="fen", zh="退费金额"),
    ),
    "One settled visit, purchase or stay; refunds are folded in but kept.",
    zh="结算",
)
HANDLER = NodeType(
    "Handler",
    P("handler_id", "string", "fixmedins_code:opter_id at an institution, opter_id at an agency.", zh="经办人编号"),
    (
        P("kind", "string", "operator or agency.", zh="经办人类别"),
        P("office", "string", "Agency office most used.", zh="经办机构"),
        P("cases", "integer", "Manual cases entered or reviewed.", unit="cases", zh="手工报销件数"),
    ),
    "Somebody who entered, reviewed or approved.",
    zh="经办人／操作员",
)
TERMINAL = NodeType(
    "Terminal",
    P("terminal_id", "string", "MAC address or device number.", zh="终端编号"),
    (P("sites", "integer", "Sites that signed in from it.", unit="sites", zh="机构数"),),
    "A device from which settlements came.",
    zh="终端设备",
)
PHONE = NodeType(
    "Phone",
    P("phone_id", "string", "Keyed pseudonym of the number.", personal=True, zh="电话假名"),
    (P("persons", "integer", "Persons who carry it.", unit="persons", indexed=True, zh="人数"),),
    "A phone number that is not a placeholder.",
    zh="联系电话",
)
BANK_ACCOUNT = NodeType(
    "BankAccount",
    P("bank_account_id", "string", "Keyed pseudonym of the account number.", personal=True, zh="账户假名"),
    (P("persons", "integer", "Persons whose cases were paid into it.", unit="persons", indexed=True, zh="人数"),),
    "An account that manual reimbursements were paid into.",
    zh="银行账户",
)
HOUSEHOLD = NodeType(
    "Household",
    P("household_id", "string", "Keyed pseudonym of the household book number.", personal=True, zh="户假名"),
    (P("persons", "integer", "Persons registered in it.", unit="persons", zh="人数"),),
    "A known household.",
    zh="同户",
)
ADDRESS = NodeType(
    "Address",
    P("address_id", "string", "Keyed pseudonym of the address.", personal=True, zh="地址假名"),
    (P("persons", "integer", "Persons who live there.", unit="persons", indexed=True, zh="人数"),),
    "A residence address.",
    zh="居住地址",
)
EMPLOYER = NodeType(
    "Employer",
    P("employer_id", "string", "emp_no.", zh="单位编号"),
    (P("persons", "integer", "Persons insured through it.", unit="persons", indexed=True, zh="人数"),),
    "A real employer or school; virtual employers are left out.",
    zh="参保单位",
)
AGENT = NodeType(
    "Agent",
    P("agent_id", "string", "Keyed pseudonym of the agent's certificate, else phone.", personal=True, zh="代办人假名"),
    (P("persons", "integer", "Persons represented.", unit="persons", indexed=True, zh="人数"),),
    "Somebody who applied for another person's benefit.",
    zh="代办人",
)
INVOICE = NodeType(
    "Invoice",
    P("invoice_no", "string", "Paper invoice number.", zh="票据号码"),
    (P("persons", "integer", "Persons who claimed on it.", unit="persons", indexed=True, zh="人数"),),
    "A paper invoice presented for manual reimbursement.",
    zh="纸质票据",
)
DRUG = NodeType(
    "Drug",
    P("item_code", "string", "Insurance catalogue code.", zh="目录编码"),
    (
        P("name", "string", "Name in the catalogue.", zh="药品名称"),
        P("resale_prone", "boolean", "True when on the list of drugs that are often resold.", zh="易倒卖"),
    ),
    "A drug.",
    zh="药品",
)
DRUG_PACK = NodeType(
    "DrugPack",
    P("trace_code", "string", "Trace code of one package.", zh="追溯码"),
    (P("sales", "integer", "Sales that were not taken back.", unit="sales", indexed=True, zh="售出次数"),),
    "A traced package sold more than once; unique packs stay in the tables.",
    zh="药品追溯包装",
)
LEAD = NodeType(
    "Lead",
    P("lead_id", "string", "Identity that stays from build to build.", zh="线索编号"),
    (
        P("rank", "integer", "Place in this build's list, 1 = first.", indexed=True, zh="名次"),
        P("score", "float", "Strength of the evidence in [0, 1].", zh="评分"),
        P("pattern", "string", "Pattern the evidence is consistent with.", indexed=True, zh="违规模式"),
        P("title_zh", "string", "Neutral title in Chinese.", zh="中文标题"),
        P("title_en", "string", "Neutral title in English.", zh="英文标题"),
        P("status", "string", "State of work on it.", zh="办理状态"),
    ),
    "A published lead.",
    zh="线索",
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
    P("n", "integer", "Settlements behind it.", unit="settlements", zh="结算次数"),
    P("first_day", "integer", "First day since 1970.", unit="days", zh="首日"),
    P("last_day", "integer", "Last day since 1970.", unit="days", zh="末日"),
)
TESTED = (
    P("expected", "float", "What volume and habit alone would give.", unit="same as the count beside it", zh="期望值"),
    P(
        "llr",
        "float",
        "Poisson log-likelihood ratio of the count against the expectation, 0 when below it.",
        unit="nats",
        zh="对数似然比",
    ),
)

# (:Person)-[:HOLDS]->(:Card)
HOLDS = RelationshipType(
    "HOLDS", (PERSON,), (CARD,), "The person was settled with this credential.", SPAN, zh="持用凭证"
)
# (:Settlement)-[:OF_PERSON]->(:Person)
OF_PERSON = RelationshipType(
    "OF_PERSON", (SETTLEMENT,), (PERSON,), "Whose settlement it is.", many=False, zh="所属参保人"
)
# (:Settlement)-[:PAID_WITH]->(:Card)
PAID_WITH = RelationshipType(
    "PAID_WITH", (SETTLEMENT,), (CARD,), "The credential presented.", many=False, zh="所用凭证"
)
# (:Settlement)-[:SETTLED_AT]->(:Institution|Pharmacy)
SETTLED_AT = RelationshipType(
    "SETTLED_AT", (SETTLEMENT,), (INSTITUTION, PHARMACY), "Where it was settled.", many=False, zh="结算机构"
)
# (:Settlement)-[:TREATED_BY]->(:Doctor)
TREATED_BY = RelationshipType(
    "TREATED_BY",
    (SETTLEMENT,),
    (DOCTOR,),
    "A doctor named by it.",
    (P("role", "string", "attending or ordering.", zh="医师角色"),),
    zh="接诊医师",
)
STEP = (
    P("at_s", "integer", "When, as seconds since 1970.", unit="seconds", zh="时刻（秒）"),
    P("result", "string", "Result code of the step.", zh="处理结果"),
)
# (:Settlement)-[:ENTERED_BY]->(:Handler)
ENTERED_BY = RelationshipType(
    "ENTERED_BY",
    (SETTLEMENT,),
    (HANDLER,),
    "Who entered the manual case, or operated the settlement.",
    STEP,
    many=False,
    zh="录入人",
)
# (:Settlement)-[:REVIEWED_BY]->(:Handler)
REVIEWED_BY = RelationshipType(
    "REVIEWED_BY", (SETTLEMENT,), (HANDLER,), "First review (初审) of a manual case.", STEP, zh="初审人"
)
# (:Settlement)-[:APPROVED_BY]->(:Handler)
APPROVED_BY = RelationshipType(
    "APPROVED_BY", (SETTLEMENT,), (HANDLER,), "Second or later review (复审) of a manual case.", STEP, zh="复审人"
)
# (:Settlement)-[:ON_TERMINAL]->(:Terminal)
ON_TERMINAL = RelationshipType(
    "ON_TERMINAL",
    (SETTLEMENT,),
    (TERMINAL,),
    "The terminal signed in by its operator at that moment.",
    many=False,
    zh="结算终端",
)
# (:Settlement)-[:NEXT_SWIPE]->(:Settlement)
NEXT_SWIPE = RelationshipType(
    "NEXT_SWIPE",
    (SETTLEMENT,),
    (SETTLEMENT,),
    "The next settlement of another person at the same site, at most ten minutes later.",
    (P("gap_seconds", "integer", "Seconds between the two.", unit="seconds", zh="间隔秒数"),),
    many=False,
    zh="相邻结算",
)
# (:Settlement)-[:DISPENSED]->(:Drug)
DISPENSED = RelationshipType(
    "DISPENSED",
    (SETTLEMENT,),
    (DRUG,),
    "A resale-prone drug sold in it; other drugs stay in the tables.",
    (
        P("quantity", "float", "Quantity sold.", unit="packs", zh="数量"),
        P("days", "integer", "Days of supply.", unit="days", zh="用药天数"),
        P("amount_fen", "integer", "Amount.", unit="fen", zh="金额"),
    ),
    zh="售出药品",
)
# (:Settlement)-[:SOLD_PACK]->(:DrugPack)
SOLD_PACK = RelationshipType(
    "SOLD_PACK",
    (SETTLEMENT,),
    (DRUG_PACK,),
    "A traced package sold in it and not taken back.",
    (
        P("sold_s", "integer", "When, as seconds since 1970.", unit="seconds", zh="售出时刻（秒）"),
        P("split_pack", "boolean", "True when the pack was opened, so that repeats are legitimate.", zh="拆零"),
    ),
    zh="售出追溯包装",
)
# (:Doctor)-[:PRACTISES_AT]->(:Institution)
PRACTISES_AT = RelationshipType(
    "PRACTISES_AT",
    (DOCTOR,),
    (INSTITUTION,),
    "The doctor is registered there, or settlements say so.",
    (P("registered", "boolean", "True for registered (legal multi-site) practice.", zh="已备案"),),
    zh="执业地点",
)
# (:Person)-[:LIVES_IN]->(:Household|Address)
LIVES_IN = RelationshipType(
    "LIVES_IN", (PERSON,), (HOUSEHOLD, ADDRESS), "Registered household, or residence address.", zh="居住关系"
)
# (:Person|Settlement)-[:HAS_PHONE]->(:Phone)
HAS_PHONE = RelationshipType(
    "HAS_PHONE",
    (PERSON, SETTLEMENT),
    (PHONE,),
    "The person's own phone, or the contact written on a stay or manual case.",
    many=False,
    zh="留存电话",
)
# (:Person)-[:INSURED_THROUGH]->(:Employer)
INSURED_THROUGH = RelationshipType(
    "INSURED_THROUGH", (PERSON,), (EMPLOYER,), "Real employer of the current enrolment.", many=False, zh="参保关系"
)
# (:Settlement)-[:PAID_TO]->(:BankAccount)
PAID_TO = RelationshipType(
    "PAID_TO",
    (SETTLEMENT,),
    (BANK_ACCOUNT,),
    "Account that the manual reimbursement was paid into.",
    many=False,
    zh="拨付账户",
)
# (:Person)-[:REPRESENTED_BY]->(:Agent)
REPRESENTED_BY = RelationshipType(
    "REPRESENTED_BY", (PERSON,), (AGENT,), "The agent applied for the person's benefit.", zh="代办关系"
)
# (:Settlement)-[:EVIDENCED_BY]->(:Invoice)
EVIDENCED_BY = RelationshipType(
    "EVIDENCED_BY", (SETTLEMENT,), (INVOICE,), "Paper invoice of a manual reimbursement.", many=False, zh="报销票据"
)
# (:Person)-[:VISITED]->(:Institution|Pharmacy)
VISITED = RelationshipType(
    "VISITED",
    (PERSON,),
    (INSTITUTION, PHARMACY),
    "All settlements of a person at a site, summed.",
    (
        *SPAN,
        P("total_fen", "integer", "Total charge.", unit="fen", zh="总费用"),
        P("fund_fen", "integer", "Paid by pooled funds.", unit="fen", zh="统筹基金支付"),
    ),
    zh="就诊机构汇总",
)
# (:Doctor)-[:TREATED]->(:Person)
TREATED = RelationshipType(
    "TREATED",
    (DOCTOR,),
    (PERSON,),
    "All settlements of a person that name the doctor, summed.",
    (
        P("n", "integer", "Settlements behind it.", unit="settlements", zh="结算次数"),
        P("total_fen", "integer", "Total charge.", unit="fen", zh="总费用"),
    ),
    zh="诊疗汇总",
)
# (:Doctor)-[:FILLED_AT]->(:Pharmacy)
FILLED_AT = RelationshipType(
    "FILLED_AT",
    (DOCTOR,),
    (PHARMACY,),
    "Visits of the doctor's patients that were followed by a purchase there within a day.",
    (
        P("n", "integer", "Visit-and-purchase pairs.", unit="pairs", zh="配对次数"),
        P("persons", "integer", "Distinct patients.", unit="persons", zh="人数"),
        P(
            "doctor_share",
            "float",
            "Share of the doctor's next-day purchases that fall to this pharmacy.",
            zh="占医师去向比例",
        ),
        P("pharmacy_share", "float", "Share of the pharmacy's purchases that follow this doctor.", zh="占药店来源比例"),
        *TESTED,
    ),
    zh="购药去向",
)
# (:Settlement)-[:FILLED_BY]->(:Settlement)
FILLED_BY = RelationshipType(
    "FILLED_BY",
    (SETTLEMENT,),
    (SETTLEMENT,),
    "A doctor's visit and the same person's pharmacy purchase within a day, on a tested FILLED_AT.",
    (P("gap_seconds", "integer", "Seconds from visit to purchase.", unit="seconds", zh="间隔秒数"),),
    zh="就诊后购药",
)
# (:Handler)-[:SERVES]->(:Person)
SERVES = RelationshipType(
    "SERVES",
    (HANDLER,),
    (PERSON,),
    "Manual cases of the person that this handler entered, against the office's other handlers.",
    (
        P("n", "integer", "Cases entered.", unit="cases", zh="录入件数"),
        P("person_cases", "integer", "All cases of the person.", unit="cases", zh="该人件数"),
        P("share", "float", "Share of the person's cases that this handler entered.", zh="占该人比例"),
        P(
            "office_share",
            "float",
            "Share of the office's cases of that kind and time that this handler entered.",
            zh="占经办机构比例",
        ),
        *TESTED,
    ),
    zh="经办对象",
)
# (:Settlement)-[:OVERLAPS]->(:Settlement)
OVERLAPS = RelationshipType(
    "OVERLAPS",
    (SETTLEMENT,),
    (SETTLEMENT,),
    "Two services of one person or one card that cannot both be true; the earlier settlement starts it.",
    (
        P("kind", "string", "stay_and_visit, two_stays or two_places.", zh="冲突类型"),
        P("minutes", "integer", "Minutes of overlap, or minutes between two places.", unit="minutes", zh="分钟数"),
    ),
    zh="时间冲突",
)
# (:Person)-[:CLASHES_AT]->(:Institution|Pharmacy)
CLASHES_AT = RelationshipType(
    "CLASHES_AT",
    (PERSON,),
    (INSTITUTION, PHARMACY),
    "Overlaps in which this site settled one of the two services, against the site's own rate.",
    (
        P("n", "integer", "Overlaps.", unit="overlaps", zh="冲突次数"),
        *TESTED,
        P(
            "site_llr",
            "float",
            "Log-likelihood ratio of the number of persons with two or more overlaps at the site against its volume.",
            unit="nats",
            zh="机构冲突人数对数似然比",
        ),
    ),
    zh="机构时间冲突",
)
# (:Person)-[:CO_PRESENT]->(:Person)
CO_PRESENT = RelationshipType(
    "CO_PRESENT",
    (PERSON,),
    (PERSON,),
    "The two settle together on more days than volume and both habits explain; the smaller number starts it.",
    (
        P(
            "days",
            "integer",
            "Days on which they settled at one site within its window.",
            unit="days",
            zh="共同就诊天数",
        ),
        P("same_household", "boolean", "True when household, or address and phone, are shared.", zh="同户或疑似同户"),
        *TESTED,
    ),
    zh="共同就诊",
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
        P("role", "string", "What the member is in the lead; evidence for settlements.", zh="角色"),
        P("strength", "float", "How firmly it belongs, in [0, 1].", zh="关联强度"),
    ),
    zh="线索成员",
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

"""The violations that a fund-supervision unit's work plans name: what looks for each, and what cannot be seen.

The first section of the detector catalogue is made from this list (detectors/page.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from graphaudit.errors import ConfigurationError
from graphaudit.findings import Text


@dataclass(frozen=True, slots=True)
class Violation:
    """One named violation: the detectors that look for it, or, and also, what settlements do not show of it.

    `unseen` says what is not visible, why, and which table or record would show it; a violation that no detector looks
    for must say so. Raises ConfigurationError for one that says neither.
    """

    name: Text
    detectors: tuple[str, ...] = ()
    unseen: Text | None = None

    def __post_init__(self) -> None:
        if not self.detectors and self.unseen is None:
            raise ConfigurationError(f"{self.name.en}: say what looks for it, or why nothing can")


VIOLATIONS: tuple[Violation, ...] = (
    Violation(
        Text("冒名住院、冒名就医、转借社保卡、人卡核对不严", "impersonation, lending a card, identity not checked"),
        (
            "card_in_two_places",
            "clashes_at_one_site",
            "card_of_several_persons",
            "care_streams",
            "drug_streams",
            "care_unlike_holder",
            "care_beyond_age",
            "settled_after_end",
        ),
        Text(
            "持证人此间不就医、冒用者与其性别年龄相近时，结算数据中没有矛盾；需就诊现场的人脸核验或签名记录。",
            "Where the holder seeks no care meanwhile and the user is of like sex and age, nothing contradicts: face checks or "
            "signatures at the counter would show it.",
        ),
    ),
    Violation(
        Text("挂床住院、虚假住院", "bed-hanging, sham stays"),
        ("paper_stays", "cloned_bills", "frequent_stays", "holiday_stays", "clashes_at_one_site"),
        Text(
            "床位登记、逐日费用均编造齐全的住院；需护理记录、门禁或检查设备日志。",
            "Stays for which a bed and every day's charges were made up: nursing records, door or equipment logs would show "
            "them.",
        ),
    ),
    Violation(Text("分解住院", "split stays"), ("split_stays", "fees_below_a_limit")),
    Violation(
        Text("叠床住院", "over-bed: more heads than beds, one bed for two"),
        ("crowded_wards", "paper_stays"),
        Text(
            "没有床位号的机构、单个病区的超床；需床位登记，病区床位数不在来源表中。",
            "Houses without bed numbers, and a single ward over its beds: bed registers would show them; the beds of a ward are in "
            "no source table.",
        ),
    ),
    Violation(
        Text(
            "诱导住院：虚假宣传、减免、免费体检、赠送礼品、返现",
            "inducement: advertising, waived fees, free check-ups, gifts, cash back",
        ),
        ("admission_groups", "referred_stays", "shared_contact_stays", "organisation_outings"),
        Text(
            "宣传、减免、礼品、返现本身不在结算数据中，只能看到其后的群体行为；需机构账目、转账记录与询问。",
            "Advertising, waivers, gifts and cash back are not in settlements, only the group behaviour that follows: the "
            "institution's books, transfers and interviews would show them.",
        ),
    ),
    Violation(
        Text("降低入院标准", "low admission threshold"),
        ("admission_groups",),
        Text(
            "只能看到费用低于该机构平均住院的成组入院；单个患者是否符合入院指征需病历。",
            "Only groups with bills below the institution's mean stay are seen; whether one patient needed the stay is told by "
            "the medical record.",
        ),
    ),
    Violation(
        Text(
            "聚敛盗刷社保卡、串通刷卡、套现、会员卡充值",
            "hoarded cards, collusive swiping, cash-out at pharmacies, topping up member cards",
        ),
        (
            "co_presence_groups",
            "odd_visit_groups",
            "sampled_drugs",
            "organisation_outings",
            "swipe_refunds",
            "equal_baskets",
            "heavy_cards",
            "off_hours",
        ),
        Text(
            "充值、返现在药店账目中；结算只显示成组的刷卡。",
            "Top-ups and cash paid back stand in the pharmacy's books; settlements show the swipes only.",
        ),
    ),
    Violation(
        Text("倒卖药品、耗材，超量开药、超量出售", "drug resale, excess quantity"),
        ("foreign_drugs", "one_list", "over_supply", "packs_sold_again", "sampled_drugs", "odd_visit_groups"),
        Text(
            "院外的转卖；需追溯码的再次扫码、快递与资金记录。",
            "The sale outside: trace codes scanned again, parcels and payments would show it.",
        ),
    ),
    Violation(
        Text("串换药品、耗材、诊疗项目", "substitution of drugs, materials, services"),
        (),
        Text(
            "结算只含所报的项目，不含实际交付的；需进销存（3501–3504 接口）、库房或执行记录。",
            "Settlements hold what was billed and not what was handed over: stock messages (interfaces 3501 to 3504), "
            "store-room or execution records would show it.",
        ),
    ),
    Violation(
        Text("为非定点医药机构刷卡结算", "settling for other institutions"),
        (
            "double_sign_ins",
            "guest_terminals",
            "suspended_terminals",
            "one_desk",
            "moved_buyers",
            "sudden_custom",
            "replaced_custom",
        ),
        Text(
            "从未定点、无暂停与签到记录，且其顾客逐渐转入或与接收机构的顾客毫无差别的场所；需终端定位或网络地址日志。",
            "Places that were never designated, leave no suspension or sign-in, and whose customers come gradually or are like "
            "the outlet's own: positions or network addresses of the terminals would show them.",
        ),
    ),
    Violation(
        Text("虚增、虚构医疗服务，伪造医疗文书和票据", "invented services, forged papers and invoices"),
        (
            "paper_stays",
            "cloned_bills",
            "care_streams",
            "equal_baskets",
            "shared_invoice",
            "invoice_claimed_again",
            "doctor_capacity",
            "doctor_at_two_places",
            "treating_while_in_patient",
        ),
        Text(
            "逐项编造而互不雷同的服务与文书；需病历、检验检查系统数据与票据查验平台。在岗医师名下、不超出其能力的虚构接诊；需排班与签名。",
            "Services and papers that were each made up afresh: medical records, laboratory and imaging systems and the invoice "
            "registry would show them. Invented visits within what a doctor on duty can see: rosters and signatures would.",
        ),
    ),
    Violation(
        Text("重复收费、分解收费、超标准收费", "duplicate, split and over-standard charging"),
        ("charged_again",),
        Text(
            "分解收费需项目内涵表，超标准收费需价格表；来源表中没有。",
            "Split charges need the table of what each item includes, over-standard ones the price list: neither is in the "
            "source tables.",
        ),
    ),
    Violation(
        Text("过度检查、过度用药、过度治疗", "over-treatment"),
        ("doctor_pharmacy_triangle", "doctor_fills"),
        Text(
            "只作为定向开药的旁证；是否必要需病历与诊疗规范。",
            "Seen as supporting evidence of steered prescriptions only; whether it was needed is told by the medical record and "
            "the clinical guideline.",
        ),
    ),
    Violation(
        Text("第三人负担费用纳入基金", "third-party liability paid by the fund"),
        (),
        Text(
            "伤害类诊断不说明由谁负担；需交通事故、工伤认定与法院判决数据。",
            "A diagnosis of injury does not say who is liable: traffic accidents, findings of work injury and court decisions "
            "would show it.",
        ),
    ),
    Violation(
        Text("伪造虚假票据报销", "false invoices for manual reimbursement"),
        ("shared_invoice", "invoice_claimed_again", "shared_payee_account", "payees_joined", "payees_of_one_handler"),
        Text(
            "号码不重复的伪造票据；需票据查验平台或开票机构的存根。",
            "Made-up invoices whose numbers do not repeat: the invoice registry or the issuer's counterfoils would show them.",
        ),
    ),
    Violation(
        Text(
            "内部人员监守自盗、内外勾结；初审复审未分离；违规办理待遇",
            "insiders, collusion with outsiders, no separation of first and second review, benefits granted irregularly",
        ),
        (
            "same_handler_enters_and_reviews",
            "handler_clientele",
            "handler_pairs",
            "hurried_cases",
            "unexamined_approvals",
            "certified_for_one_handler",
            "payees_of_one_handler",
            "closed_clientele",
            "shared_payee_account",
            "payees_joined",
        ),
        Text(
            "借用他人账号登录；需系统日志中的网络地址与主机。",
            "Work under a borrowed account: addresses and hosts of the system's log would show it.",
        ),
    ),
    Violation(
        Text("死亡、停保、欠费后仍享受待遇", "benefits after death or while not entitled"),
        ("settled_after_end",),
        Text(
            "欠费与缓缴期间；需缴费明细（来源表只有参保状态与日期）。死亡未登记的，需殡葬或公安数据。",
            "Arrears: the contributions would show them (the source tables hold states and dates of enrolment only). Deaths that "
            "no table tells: registers of funerals or of the police.",
        ),
    ),
)

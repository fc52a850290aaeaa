"""What each pattern is called in both languages, its legal basis, and what would usually clear a group."""

from __future__ import annotations

from dataclasses import dataclass

from graphaudit.findings import PATTERNS, Text


@dataclass(frozen=True, slots=True)
class PatternName:
    """Neutral name, the articles it may fall under (a pointer for the reader, not a ruling), what would clear it."""

    name: Text
    legal_basis: tuple[str, ...]
    would_clear: Text


# Articles: State Council Order 735 (医疗保障基金使用监督管理条例); the reading of its text is this project's own.
NAMES: dict[str, PatternName] = {
    "hoarded_cards": PatternName(
        Text("聚敛、集中刷卡", "cards gathered and swiped together"),
        ("Order 735 art. 17", "Order 735 art. 19", "Order 735 art. 40(1)(3)", "Order 735 art. 41(1)"),
        Text(
            "持卡人本人到场的记录（视频、签名、核验），或能说明同行原因的登记（家庭、单位、养老机构、代办）。",
            "Proof that the card holders came themselves (video, signature, identity check), or a registration that "
            "explains why they came together (family, employer, nursing home, registered agent).",
        ),
    ),
    "impersonation": PatternName(
        Text("冒名就医或转借凭证", "care taken in another person's name, or a lent credential"),
        ("Order 735 art. 15", "Order 735 art. 17", "Order 735 art. 40(1)", "Order 735 art. 41(1)"),
        Text(
            "住院期间外出检查、转诊或家属代购的凭证，机构时钟偏差或延迟上传的说明，婴幼儿使用监护人凭证的登记。",
            "Papers for tests or referrals outside during the stay, or for a registered proxy purchase; an explanation "
            "of clock offset or late upload; registration of an infant on a guardian's credential.",
        ),
    ),
    "inducement": PatternName(
        Text("诱导住院、组团同进同出", "group admissions consistent with inducement"),
        ("Order 735 art. 15", "Order 735 art. 40(1)"),
        Text(
            "入院指征与病历齐备，筛查、批量手术或养老机构签约等集中收治的登记。",
            "Complete indications and records for the stays, or a registration of screening, planned operations or a "
            "nursing-home contract that explains the common dates.",
        ),
    ),
    "insider": PatternName(
        Text("经办岗位内外勾连", "handling that departs from separation of duties"),
        ("Order 735 art. 21", "Order 735 art. 37", "Order 735 art. 44"),
        Text(
            "岗位授权或代班记录、专窗分工文件，收款账户与申请人关系的证明。",
            "Delegation or leave-cover records, a paper on specialist windows, proof of how the payee "
            "relates to the claimants.",
        ),
    ),
    "drug_resale": PatternName(
        Text("超量购药、药品回流", "drugs bought beyond need or returned to trade"),
        ("Order 735 art. 19", "Order 735 art. 38(5)", "Order 735 art. 41(3)"),
        Text(
            "与病情相符的处方和剩余药量，追溯码拆零或退货记录。",
            "Prescriptions and left-over quantities that fit the illness; records of split packs or returns.",
        ),
    ),
    "proxy_settlement": PatternName(
        Text("为非定点机构结算", "settlement on behalf of another place"),
        ("Order 735 art. 38(6)(7)",),
        Text(
            "机构现场的就诊、进销存与终端记录，停业机构患者自然转移的说明。",
            "Visit, stock and terminal records of the place itself; an explanation of patients "
            "moving from a closed neighbour.",
        ),
    ),
    "sham_stay": PatternName(
        Text("虚假或挂床住院", "stays without the patient or the care"),
        ("Order 735 art. 15", "Order 735 art. 38(1)", "Order 735 art. 40(3)"),
        Text(
            "逐日护理、检查与床位记录。",
            "Daily nursing, test and bed records.",
        ),
    ),
    "doctor_pharmacy": PatternName(
        Text("医师—药店—参保人定向开药购药", "prescriptions steered between a doctor, a pharmacy and patients"),
        ("Order 735 art. 18", "Order 735 art. 40(1)", "Order 735 art. 42"),
        Text(
            "药店邻近、唯一供货或医院处方流转协议等说明。",
            "The pharmacy being next door or the only supplier of the drug, or an agreement on external prescriptions.",
        ),
    ),
    "unexplained": PatternName(
        Text("无法用偶然解释的群体行为", "group behaviour that chance does not explain"),
        ("Order 735 art. 24",),
        Text("能说明共同行为的登记或情况说明。", "A registration or statement that explains the common behaviour."),
    ),
}

if set(NAMES) != set(PATTERNS):  # pragma: no cover - guards the declaration itself
    raise AssertionError("every pattern needs a name")


def title(pattern: str, *, persons: int, sites: int, handlers: int, doctors: int = 0) -> Text:
    """A neutral title: how many persons and sites, and what the indicators are consistent with.

    `doctors` stand in it where the lead is about nobody else.
    """
    name = NAMES[pattern].name
    who_zh, who_en = [], []
    if persons:
        who_zh.append(f"{persons}名参保人")
        who_en.append(f"{persons} insured person{'s' if persons != 1 else ''}")
    if doctors and not persons:
        who_zh.append(f"{doctors}名医师")
        who_en.append(f"{doctors} doctor{'s' if doctors != 1 else ''}")
    if handlers:
        who_zh.append(f"{handlers}名经办人")
        who_en.append(f"{handlers} handler{'s' if handlers != 1 else ''}")
    if sites:
        who_zh.append(f"{sites}家定点机构")
        who_en.append(f"{sites} site{'s' if sites != 1 else ''}")
    return Text(
        f"{'、'.join(who_zh)}：与“{name.zh}”相符的迹象",
        f"{', '.join(who_en)}: indicators consistent with {name.en}",
    )

"""What would clear a group, innocent cause by innocent cause: the paper or record that shows the cause to hold."""

from __future__ import annotations

from collections.abc import Sequence

from graphaudit.findings import BenignCause, Text

#: So many of the nearest causes are named, each with at least this share of the evidence.
NAMED, LEAST_SHARE = 2, 0.1

#: By name of the cause; detectors name causes, this page alone says how one is shown.
CLEARED_BY: dict[str, Text] = {
    "household": Text(
        "户籍或亲属关系证明：成员同户或互为家属。",
        "The household register or proof of kinship: the members live together or are relatives.",
    ),
    "registered_treatment_plan": Text(
        "门慢门特登记与治疗计划（透析、化疗、康复排班表）：共同日期与计划一致。",
        "The registration and plan of treatment (dialysis, chemotherapy, rehabilitation) with these dates in it.",
    ),
    "regular_timetable": Text(
        "机构的排班表或疗程安排：共同日期即班次。",
        "The institution's roster or the course of treatment: the common dates are its shifts.",
    ),
    "refill_calendar": Text(
        "长期处方及续方周期：各成员按自己的周期续方，所购与本人病情相符。",
        "Long-term prescriptions with their intervals: each member refills on the own cycle, for the own illness.",
    ),
    "market_day": Text(
        "当地集日安排：共同日期为赶集日，且成员住址分散在周边村落。",
        "The local market calendar: the common dates are market days, and the members come from the villages around.",
    ),
    "check_up_day": Text(
        "体检或筛查合同与名单：成员在名单内，项目与金额一致。",
        "The contract and list of a check-up or screening: the members are on it, with these items and fees.",
    ),
    "companions": Text(
        "本人到场记录（视频、签名、核验）：各人亲自购买自用的同类物品。",
        "Proof that each came in person (video, signature, identity check) and bought the same things for own use.",
    ),
    "own_medicines": Text(
        "各成员本人的诊断、处方或用药记录：反复购买的药品与本人疾病相符。",
        "Each member's own diagnosis, prescription or record of taking the medicines bought again and again.",
    ),
    "nursing_home_or_shared_address": Text(
        "养老机构入住名册与医疗服务协议，或同一住址的居住证明。",
        "The nursing home's list of residents and its contract for medical care, or proof of residence at the address.",
    ),
    "employer_or_school": Text(
        "单位或学校的在册证明与组织就诊、体检的安排。",
        "The employer's or school's roll and its arrangement for the common visits or check-ups.",
    ),
    "registered_agent": Text(
        "代办登记与委托书：代办人逐次代购并有领取签收。",
        "The agent's registration and mandates, with receipts signed for each purchase.",
    ),
    "informal_agent": Text(
        "电话机主与各成员的关系说明及代购签收：所购为成员本人常用药品。",
        "Who owns the phone and knows the members how, with receipts: the drugs are the members' usual ones.",
    ),
    "registered_event": Text(
        "登记事项的原始文件：活动日期、地点与参加人。",
        "The papers of the registered event: its dates, place and participants.",
    ),
    "busy_day_of_the_site": Text(
        "会员日、促销、义诊或集中接种等活动的公告与当日客流记录。",
        "The notice of a member day, sale, free clinic or vaccination, and the site's count of visitors that day.",
    ),
    "feed_fault_of_the_site": Text(
        "机构收费系统的原始时间与上传日志：结算时间系补传或统一时点。",
        "Original times and upload logs of the site's billing system: the upload was late or in batches.",
    ),
    "moved_to_a_neighbour": Text(
        "停业公告与距离说明：买主转往就近机构。",
        "The notice of closure and the distances: buyers moved to the nearest place.",
    ),
    "nearer_to_other_places": Text(
        "顾客住址、工作地点与接收机构的距离：转到离住处或单位更近的机构。",
        "Where the buyers live and work: the place they went to is nearer to them than the one that closed.",
    ),
    "usual_practice": Text(
        "经办规程或数据接口说明：该做法为全市通行流程，或该字段按此口径采集。",
        "The working rules or the data interface: this is how the whole city works, or how the column is filled.",
    ),
    "found_often": Text(
        "当地习惯做法的说明：村干部代办、义诊接送、人手不足的窗口等，并逐组提供授权或名册。",
        "What the habit of the place is (a village clerk who files for others, a short-staffed desk …), "
        "and each group's mandate or list.",
    ),
    "many_houses": Text(
        "联系人身份与职责说明：社区、单位或亲属中照料多人者，住院由本人或家属自行选择机构。",
        "Who the contact is and whom they look after, in a community or a firm; the patients chose their hospitals.",
    ),
    "passed_desks": Text(
        "收款人受托代办的委托书与转付凭证，以及各案票据的查验结果。",
        "The payee's mandates and receipts of passing the money on, and the check of each case's invoices.",
    ),
    "scanned_again": Text(
        "扫码记录与进销存：同一机构重复扫码，实际售出的是不同药盒。",
        "The scanning log and the stock book: the outlet scanned a code twice, and the packs sold were different ones.",
    ),
    "next_door": Text(
        "距离与营业时间说明：患者就近在距诊室最近的药店取药，药价与他店一致。",
        "The distances and opening hours: patients go to the pharmacy nearest to the consulting room, at usual prices.",
    ),
    "ordinary_fills": Text(
        "处方与购药记录：所购为患者本人所需药品，药价与他店一致；药店与医师之间无利益往来的说明。",
        "Prescriptions and receipts: patients bought what they need themselves, at usual prices; a statement that "
        "nothing passes between the doctor and the pharmacy.",
    ),
    "own_steps": Text(
        "各成员本人的疗程、透析排班或随访计划：各人按自己的固定间隔到场。",
        "Each member's own course, shift or plan of visits: everybody comes at a fixed interval of the own.",
    ),
    "another_shop_of_the_chain": Text(
        "连锁企业的门店证明：买主转往同一连锁的另一门店。",
        "Proof that both belong to one chain: buyers moved to another of its shops.",
    ),
    "screening_or_operation_day": Text(
        "筛查或批量手术的计划、名单与手术记录。",
        "The plan, list and records of the screening or of the operations done that day.",
    ),
}


def to_clear(pattern: Text, nearest: Sequence[BenignCause]) -> Text:
    """What would clear a lead: what shows its nearest innocent causes, then what its pattern asks in general."""
    named = [cause for cause in nearest if cause.weight >= LEAST_SHARE and cause.cause in CLEARED_BY][:NAMED]
    if not named:
        return pattern
    return Text(
        "".join(f"{CLEARED_BY[cause.cause].zh}" for cause in named) + pattern.zh,
        " ".join([*(CLEARED_BY[cause.cause].en for cause in named), pattern.en]),
    )

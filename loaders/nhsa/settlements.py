"""Visits, settlements and fee lines: setl_d, mdtrt_d, fee_list_d."""

from __future__ import annotations

from loaders.declaration import INVALID, VALI_FLAG, Rule, Source, code, flag, ident, money, number, text, time
from loaders.nhsa.shared_fields import HANDLED, INSURED, PERSON, SITE, VISIT

# A row is a refund when it is flagged and names its original or is negative, or names one and is negative.
REFUND = """(coalesce(refd_setl_flag, false) AND (init_setl_id IS NOT NULL OR medfee_sumamt < 0)
    OR init_setl_id IS NOT NULL AND medfee_sumamt < 0)"""
_FUNDS = ("hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "hifdm_pay", "maf_pay", "othfund_pay")
_FUND_SUM = " + ".join(f"coalesce({name}, 0)" for name in _FUNDS)

SETL_D = Source(
    "setl_d",
    "结算信息表",
    (
        ident("setl_id", "结算ID", required=True),
        ident("mdtrt_id", "就诊ID"),
        ident("init_setl_id", "原结算ID"),
        ident("psn_no", "人员编号", required=True),
        *SITE,
        time("begndate", "开始日期", strict=True, aliases=("begntime",)),
        time("enddate", "结束日期", strict=True, aliases=("endtime",)),
        time("setl_time", "结算时间", strict=True),
        code("med_type", "医疗类别"),
        code("setl_type", "结算类别"),
        code("pay_loc", "支付地点类别"),
        code("manl_reim_rea", "零星报销原因"),
        ident("invono", "发票号"),
        money("medfee_sumamt", "医疗费总额", required=True),
        money("fund_pay_sumamt", "基金支付总额"),
        money("acct_pay", "个人账户支出"),
        money("cash_payamt", "现金支付金额"),
        money("psn_pay", "个人支付金额"),
        money("ownpay_hosp_part", "自费中医院负担部分"),
        money("acct_mulaid_pay", "账户共济支付金额"),
        money("fulamt_ownpay_amt", "全自费金额"),
        money("overlmt_selfpay", "超限价自费费用"),
        money("preselfpay_amt", "先行自付金额"),
        money("inscp_amt", "符合范围金额"),
        money("hifp_pay", "统筹基金支出"),
        money("cvlserv_pay", "公务员医疗补助资金支出"),
        money("hifes_pay", "补充医疗保险基金支出"),
        money("hifmi_pay", "大病补充医疗保险基金支出"),
        money("hifob_pay", "大额医疗补助基金支出"),
        money("hifdm_pay", "伤残人员医疗保障基金支出"),
        money("maf_pay", "医疗救助基金支出"),
        money("othfund_pay", "其它基金支付"),
        flag("refd_setl_flag", "退费结算标志"),
        ident("ssc_cardno", "社会保障卡号", personal=True),
        *PERSON,
        *INSURED,
        *VISIT,
        *HANDLED,
        VALI_FLAG,
    ),
    ("settlements", "persons", "cards", "sites", "handlers"),
    key=("setl_id",),
    one_of=(("setl_time", "begndate"),),
    aside=(INVALID,),
    impossible=(
        Rule("negative total that is no refund", "非退费而总额为负", f"medfee_sumamt < 0 AND NOT {REFUND}"),
        Rule(
            "negative part of a positive total",
            "总额为正而分项为负",
            "medfee_sumamt >= 0 AND least(fund_pay_sumamt, acct_pay, cash_payamt) < 0",
        ),
    ),
    doubtful=(
        Rule(
            "total differs from its four scopes",
            "总额与四项费用之和不符",
            """fulamt_ownpay_amt IS NOT NULL AND overlmt_selfpay IS NOT NULL AND preselfpay_amt IS NOT NULL
            AND inscp_amt IS NOT NULL AND abs(medfee_sumamt - fulamt_ownpay_amt - overlmt_selfpay - preselfpay_amt
            - inscp_amt) > $tolerance""",
        ),
        Rule(
            "fund total differs from the funds",
            "基金支付总额与各基金之和不符",
            f"""fund_pay_sumamt IS NOT NULL AND hifp_pay IS NOT NULL
            AND abs(fund_pay_sumamt - ({_FUND_SUM})) > $tolerance""",
        ),
        Rule(
            "total differs from fund and person",
            "总额与基金及个人支付之和不符",
            """fund_pay_sumamt IS NOT NULL AND coalesce(psn_pay, acct_pay + cash_payamt) IS NOT NULL
            AND least(abs(medfee_sumamt - fund_pay_sumamt - coalesce(psn_pay, acct_pay + cash_payamt)),
            abs(medfee_sumamt - fund_pay_sumamt - coalesce(psn_pay, acct_pay + cash_payamt)
            - coalesce(ownpay_hosp_part, 0)), abs(medfee_sumamt - fund_pay_sumamt
            - coalesce(psn_pay, acct_pay + cash_payamt) - coalesce(acct_mulaid_pay, 0))) > $tolerance""",
        ),
        Rule(
            "person's share differs from account and cash",
            "个人支付与账户及现金之和不符",
            """psn_pay IS NOT NULL AND acct_pay IS NOT NULL AND cash_payamt IS NOT NULL
            AND least(abs(psn_pay - acct_pay - cash_payamt),
            abs(psn_pay - acct_pay - cash_payamt - coalesce(acct_mulaid_pay, 0))) > $tolerance""",
        ),
        Rule("ends before it begins", "结束早于开始", "enddate::DATE < begndate::DATE"),
        Rule("settled before it begins", "结算早于开始", "setl_time::DATE < begndate::DATE"),
    ),
    mandatory=True,
)

MDTRT_D = Source(
    "mdtrt_d",
    "就诊信息表",
    (
        ident("mdtrt_id", "就诊ID", required=True),
        ident("psn_no", "人员编号"),
        *(field for field in SITE if field.name != "fixmedins_code"),
        ident("fixmedins_code", "定点医药机构编号"),
        time("begntime", "开始时间", aliases=("begndate",)),
        time("endtime", "结束时间", aliases=("enddate",)),
        code("med_type", "医疗类别"),
        *PERSON,
        *INSURED,
        *VISIT,
        VALI_FLAG,
    ),
    ("settlements", "persons", "cards"),
    key=("mdtrt_id",),
    aside=(INVALID,),
    doubtful=(Rule("ends before it begins", "结束早于开始", "endtime::DATE < begntime::DATE"),),
)

FEE_LIST_D = Source(
    "fee_list_d",
    "费用明细表",
    (
        ident("bkkp_sn", "记账流水号", required=True),
        ident("setl_id", "结算ID"),
        ident("mdtrt_id", "就诊ID"),
        time("fee_ocur_time", "费用发生时间"),
        number("cnt", "数量", strict=True),
        money("det_item_fee_sumamt", "明细项目费用总额", required=True),
        ident("hilist_code", "医保目录编码"),
        ident("med_list_codg", "医疗目录编码"),
        ident("medins_list_codg", "医药机构目录编码"),
        text("hilist_name", "医保目录名称", aliases=("medins_list_name",)),
        code("list_type", "目录类别"),
        code("med_chrgitm_type", "医疗收费项目类别"),
        ident("bilg_dr_code", "开单医师代码"),
        number("prd_days", "周期天数"),
        flag("rx_circ_flag", "处方流转标志"),
        ident("init_feedetl_sn", "原费用明细流水号"),
        VALI_FLAG,
    ),
    ("lines", "items", "practices"),
    key=("bkkp_sn",),
    one_of=(("hilist_code", "med_list_codg", "medins_list_codg"),),
    aside=(INVALID, Rule("unsettled line", "未结算明细", "setl_id IS NULL")),
    doubtful=(
        Rule(
            "negative line without its original",
            "无原明细的负数明细",
            "det_item_fee_sumamt < 0 AND init_feedetl_sn IS NULL",
        ),
    ),
)

"""Traced drug packages: the sales and returns of interfaces 3505, 3506 and 3513."""

from __future__ import annotations

from loaders.declaration import INVALID, VALI_FLAG, Rule, Source, flag, ident, number, text, time
from loaders.nhsa.shared_fields import HANDLED

_UNTRACED = Rule("sale without a trace code", "无追溯码的销售", "drug_trac_codg IS NULL")
_SALE = (
    text("drug_trac_codg", "药品追溯码"),
    ident("med_list_codg", "医疗目录编码"),
    ident("fixmedins_code", "定点医药机构编号"),
    ident("setl_id", "结算ID"),
    ident("mdtrt_id", "就诊ID"),
    ident("bkkp_sn", "记账流水号"),
    ident("psn_no", "人员编号"),
    flag("trdn_flag", "拆零标志"),
    number("sel_retn_cnt", "销售/退货数量"),
    time("sel_retn_time", "销售/退货时间"),
    *HANDLED,
    VALI_FLAG,
)

SELINFO_3505 = Source("selinfo_3505", "药品销售（3505）", _SALE, ("pack_sales",), one_of=(), aside=(INVALID, _UNTRACED))
SELINFO_3506 = Source(
    "selinfo_3506",
    "药品销售退货（3506）",
    _SALE,
    ("pack_sales",),
    aside=(INVALID, Rule("return without a trace code", "无追溯码的退货", "drug_trac_codg IS NULL")),
)
SELINFO_3513 = Source("selinfo_3513", "药品追溯码查询（3513）", _SALE, ("pack_sales",), aside=(INVALID, _UNTRACED))

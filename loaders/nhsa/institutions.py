"""Institutions, pharmacies, their pauses and sign-ins.

Tables fixmedins_b, medins_info_b, rtal_phac_b, fixmedins_paus_d and fixmedins_sign_b.
"""

from __future__ import annotations

from loaders.declaration import INVALID, VALI_FLAG, Rule, Source, code, ident, number, text, time
from loaders.nhsa.shared_fields import HANDLED

_REGISTER = (
    ident("uscc", "统一社会信用代码"),
    text("legrep_name", "法定代表人姓名", personal=True),
    ident("legrep_certno", "法定代表人证件号码", personal=True),
    ident("admdvs", "医保区划"),
    text("addr", "联系地址"),
    number("lnt", "经度"),
    number("lat", "纬度"),
    time("begntime", "开始时间", aliases=("begndate",)),
    time("endtime", "结束时间", aliases=("enddate",)),
    VALI_FLAG,
)

FIXMEDINS_B = Source(
    "fixmedins_b",
    "定点医药机构业务信息表",
    (
        ident("fixmedins_code", "定点医药机构编号", required=True),
        text("fixmedins_name", "定点医药机构名称"),
        code("fixmedins_type", "定点医疗服务机构类型"),
        code("hosp_lv", "医院等级"),
        ident("fix_blng_admdvs", "定点归属医保区划"),
        *_REGISTER,
    ),
    ("sites",),
    key=("fixmedins_code",),
    aside=(INVALID,),
)

MEDINS_INFO_B = Source(
    "medins_info_b",
    "医疗机构信息表",
    (
        ident("medins_code", "医疗机构代码", required=True, aliases=("fixmedins_code",)),
        text("medins_name", "医疗机构名称", aliases=("fixmedins_name",)),
        code("hosp_lv", "医院等级"),
        number("aprv_bed_cnt", "批准床位数量"),
        ident("prnt_medins_code", "上级医疗机构代码"),
        *_REGISTER,
    ),
    ("sites",),
    key=("medins_code",),
    aside=(INVALID,),
)

RTAL_PHAC_B = Source(
    "rtal_phac_b",
    "零售药店信息表",
    (
        ident("rtal_phac_code", "零售药店代码", required=True, aliases=("fixmedins_code",)),
        text("rtal_phac_name", "零售药店名称", aliases=("fixmedins_name",)),
        ident("prnt_rtal_phac_code", "父级零售药店代码"),
        *_REGISTER,
    ),
    ("sites",),
    key=("rtal_phac_code",),
    aside=(INVALID,),
)

FIXMEDINS_PAUS_D = Source(
    "fixmedins_paus_d",
    "定点医疗机构暂停信息表",
    (
        ident("fixmedins_code", "定点医药机构编号", required=True),
        ident("fixmedins_paus_type", "定点医药机构暂停类型"),
        time("begntime", "开始时间", strict=True, required=True, aliases=("begndate",)),
        time("endtime", "结束时间", strict=True, aliases=("enddate",)),
        VALI_FLAG,
    ),
    ("site_pauses",),
    key=("fixmedins_code", "begntime"),
    aside=(INVALID,),
    doubtful=(Rule("ends before it begins", "结束早于开始", "endtime < begntime"),),
)

FIXMEDINS_SIGN_B = Source(
    "fixmedins_sign_b",
    "两定医疗机构签到表",
    (
        ident("sign_sn", "签到流水号", required=True, aliases=("sign_no",)),
        ident("fixmedins_code", "定点医药机构编号", required=True),
        ident("sign_in_mac", "签到MAC地址", aliases=("mac",)),
        time("sign_in_time", "签到时间", strict=True, required=True, aliases=("sign_time",)),
        time("sign_out_time", "签退时间", strict=True),
        *HANDLED,
        VALI_FLAG,
    ),
    ("sign_ins",),
    key=("sign_sn",),
    aside=(INVALID,),
)

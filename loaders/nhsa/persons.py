"""Persons, their enrolments, employers and registrations.

Tables psn_info_b, psn_insu_d, insu_emp_info_b, opsp_reg_d and psn_fix_reg_d.
"""

from __future__ import annotations

from loaders.declaration import INVALID, VALI_FLAG, Source, code, ident, text, time
from loaders.nhsa.shared_fields import AGENT, HANDLED, PERSON

PSN_INFO_B = Source(
    "psn_info_b",
    "人员基本信息表",
    (
        ident("psn_no", "人员编号", required=True),
        *PERSON,
        text("mob", "手机号码", personal=True),
        text("tel", "联系电话", personal=True),
        text("live_addr", "居住地址", personal=True, aliases=("addr",)),
        text("hsreg_addr", "户籍地址", personal=True),
        ident("resdbook_no", "户口簿编号", personal=True),
        ident("live_admdvs", "居住地医保区划"),
        code("surv_stas", "生存状态"),
        time("die_date", "死亡日期"),
        VALI_FLAG,
    ),
    ("persons",),
    key=("psn_no",),
    aside=(INVALID,),
)

PSN_INSU_D = Source(
    "psn_insu_d",
    "人员参保信息表",
    (
        ident("psn_insu_rlts_id", "人员参保关系ID"),
        ident("psn_no", "人员编号", required=True),
        ident("emp_no", "单位编号"),
        code("insutype", "险种类型"),
        time("crt_insu_date", "本次参保日期"),
        time("psn_insu_date", "本系统首次参保日期"),
        time("paus_insu_date", "暂停参保日期"),
        code("psn_insu_stas", "人员参保状态"),
        ident("insu_admdvs", "参保所属医保区划"),
        VALI_FLAG,
    ),
    ("persons", "employers"),
    aside=(INVALID,),
)

INSU_EMP_INFO_B = Source(
    "insu_emp_info_b",
    "参保单位信息表",
    (
        ident("emp_no", "单位编号", required=True),
        text("emp_name", "单位名称"),
        code("emp_mgt_type", "单位管理类型"),
        VALI_FLAG,
    ),
    ("employers",),
    key=("emp_no",),
    aside=(INVALID,),
)

OPSP_REG_D = Source(
    "opsp_reg_d",
    "门慢门特登记信息表",
    (
        ident("trt_dcla_detl_sn", "待遇申报明细流水号", required=True),
        ident("psn_no", "人员编号", required=True),
        ident("opsp_dise_code", "门慢门特病种目录代码"),
        text("opsp_dise_name", "门慢门特病种名称"),
        time("begndate", "开始日期"),
        time("enddate", "结束日期"),
        ident("ide_fixmedins_no", "鉴定定点医药机构编号"),
        ident("diag_dr_code", "诊断医师代码"),
        text("diag_dr_name", "诊断医师姓名", personal=True),
        time("appy_date", "申请日期"),
        text("tel", "联系电话", personal=True),
        *PERSON,
        *AGENT,
        *HANDLED,
        VALI_FLAG,
    ),
    ("registrations", "persons"),
    key=("trt_dcla_detl_sn",),
    aside=(INVALID,),
)

PSN_FIX_REG_D = Source(
    "psn_fix_reg_d",
    "人员定点登记信息表",
    (
        ident("trt_dcla_detl_sn", "待遇申报明细流水号", required=True),
        ident("psn_no", "人员编号", required=True),
        ident("fixmedins_code", "定点医药机构编号"),
        time("begndate", "开始日期"),
        time("enddate", "结束日期"),
        text("tel", "联系电话", personal=True),
        *AGENT,
        *HANDLED,
        VALI_FLAG,
    ),
    ("registrations",),
    key=("trt_dcla_detl_sn",),
    aside=(INVALID,),
)

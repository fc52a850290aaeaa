"""Doctors and agency staff: dr_info_b, fixmedins_dept_dr_rlts_info_c, opt_psn_b."""

from __future__ import annotations

from loaders.declaration import INVALID, VALI_FLAG, Source, flag, ident, text, time

DR_INFO_B = Source(
    "dr_info_b",
    "医师信息表",
    (
        ident("dr_code", "医师代码", required=True),
        ident("psn_no", "人员编号"),
        text("dr_name", "医师姓名", personal=True),
        ident("dr_prac_type", "医师执业类别"),
        text("dr_prac_scp_name", "医师执业范围名称"),
        flag("mul_prac_flag", "多点执业标志"),
        ident("main_pracins_no", "主执业机构编号"),
        ident("medins_code", "医疗机构代码", aliases=("fixmedins_code",)),
        time("cntr_begntime", "合同起始时间"),
        time("cntr_endtime", "合同截止时间"),
        time("nemp_time", "离职时间"),
        VALI_FLAG,
    ),
    ("doctors", "practices"),
    key=("dr_code", "medins_code"),
    aside=(INVALID,),
)

FIXMEDINS_DEPT_DR_RLTS_INFO_C = Source(
    "fixmedins_dept_dr_rlts_info_c",
    "定点医疗机构科室医师关系信息表",
    (
        ident("fixmedins_code", "定点医药机构编号", required=True),
        ident("dept_no", "科室编号"),
        ident("dr_code", "医师代码", required=True),
        ident("psn_no", "人员编号"),
        text("dr_name", "医师姓名", personal=True),
        time("begndate", "开始日期"),
        time("enddate", "结束日期"),
        VALI_FLAG,
    ),
    ("doctors", "practices"),
    aside=(INVALID,),
)

OPT_PSN_B = Source(
    "opt_psn_b",
    "经办人员信息表",
    (
        ident("opter_no", "经办人编号", required=True, aliases=("opter_id",)),
        ident("psn_no", "人员编号"),
        text("psn_name", "人员姓名", personal=True, aliases=("opter_name",)),
        ident("certno", "证件号码", personal=True),
        ident("afil_optins_no", "归属经办机构编号"),
        VALI_FLAG,
    ),
    ("handlers",),
    key=("opter_no",),
    aside=(INVALID,),
)

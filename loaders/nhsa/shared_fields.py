"""Groups of columns that several platform tables carry with one meaning."""

from __future__ import annotations

from loaders.declaration import code, ident, text, time

PERSON = (
    text("psn_name", "人员姓名", personal=True),
    ident("certno", "证件号码", personal=True),
    code("gend", "性别"),
    time("brdy", "出生日期"),
)
INSURED = (
    code("insutype", "险种类型"),
    ident("insu_admdvs", "参保所属医保区划"),
    ident("emp_no", "单位编号"),
    text("emp_name", "单位名称"),
    code("emp_mgt_type", "单位管理类型"),
)
SITE = (
    ident("fixmedins_code", "定点医药机构编号", required=True),
    text("fixmedins_name", "定点医药机构名称"),
    code("hosp_lv", "医院等级"),
    ident("fix_blng_admdvs", "定点归属医保区划"),
)
# crter = who created the row (the first handler), opter = who handled it last.
HANDLED = (
    ident("crter_id", "创建人ID"),
    text("crter_name", "创建人姓名", personal=True),
    time("crte_time", "数据创建时间"),
    ident("opter_id", "经办人ID"),
    text("opter_name", "经办人姓名", personal=True),
    time("opt_time", "经办时间"),
    ident("optins_no", "经办机构编号"),
)
# What belongs to the visit; a wide settlement extract carries it too.
VISIT = (
    code("mdtrt_cert_type", "就诊凭证类型"),
    ident("mdtrt_cert_no", "就诊凭证编号", personal=True),
    text("tel", "联系电话", personal=True),
    text("addr", "联系地址", personal=True),
    ident("chfpdr_code", "主诊医师代码"),
    text("chfpdr_name", "主诊医师姓名", personal=True),
    ident("dscg_maindiag_code", "住院主诊断代码", aliases=("diag_code", "maindiag_code")),
    ident("dise_no", "病种编号"),
    text("adm_bed", "入院床位"),
    text("dscg_bed", "出院床位"),
    text("wardarea_bed", "病区床位"),
    code("dscg_way", "离院方式"),
    time("die_date", "死亡日期"),
)
AGENT = (
    text("agnter_name", "代办人姓名", personal=True),
    ident("agnter_certno", "代办人证件号码", personal=True),
    text("agnter_tel", "代办人联系方式", personal=True),
    ident("agnter_rlts", "代办人关系"),
)

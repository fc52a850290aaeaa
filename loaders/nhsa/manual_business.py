"""Manual (paper) reimbursement: cent_manl_reim_reg_d, cent_manl_reim_reg_evt_c, biz_gen_chk_d, med_dfr_d."""

from __future__ import annotations

from loaders.declaration import INVALID, VALI_FLAG, Source, code, ident, money, text, time
from loaders.nhsa.shared_fields import HANDLED

CENT_MANL_REIM_REG_D = Source(
    "cent_manl_reim_reg_d",
    "中心手工报销登记信息表",
    (
        ident("med_fee_reg_id", "医疗费用报销登记ID", required=True),
        ident("mdtrt_id", "就诊ID"),
        ident("psn_no", "人员编号", required=True),
        code("manl_reim_rea", "零星报销原因"),
        code("reim_stas", "报销状态"),
        time("begntime", "开始时间"),
        ident("bankacct", "银行账号", personal=True),
        text("acctname", "银行卡户名", personal=True),
        ident("invono", "发票号"),
        money("sumfee", "费用总额"),
        text("tel", "联系电话", personal=True),
        ident("serv_matt_inst_id", "服务事项实例ID"),
        *HANDLED,
        VALI_FLAG,
    ),
    ("manual_cases",),
    key=("med_fee_reg_id",),
    aside=(INVALID,),
)

CENT_MANL_REIM_REG_EVT_C = Source(
    "cent_manl_reim_reg_evt_c",
    "中心手工报销登记事件记录表",
    (
        ident("evtsn", "事件流水号"),
        ident("med_fee_reg_id", "医疗费用报销登记ID", required=True),
        ident("serv_matt_inst_id", "服务事项实例ID"),
        ident("bankacct", "银行账号", personal=True),
        text("acctname", "银行卡户名", personal=True),
        VALI_FLAG,
    ),
    ("reviews", "manual_cases"),
    aside=(INVALID,),
)

BIZ_GEN_CHK_D = Source(
    "biz_gen_chk_d",
    "业务通用审核信息表",
    (
        ident("biz_gen_chk_id", "业务通用审核信息ID", required=True),
        ident("serv_matt_inst_id", "服务事项实例ID", required=True),
        code("rchk_flag", "复核标志"),
        *HANDLED,
        VALI_FLAG,
    ),
    ("reviews",),
    key=("biz_gen_chk_id",),
    aside=(INVALID,),
)

MED_DFR_D = Source(
    "med_dfr_d",
    "医疗拨付信息表",
    (
        ident("dfr_id", "拨付ID", required=True),
        ident("souc_sn", "来源流水号", required=True),
        money("dfr_sumamt", "拨付总金额", required=True),
        ident("bankacct", "银行账号", personal=True),
        text("acctname", "银行卡户名", personal=True),
        time("fin_acen_time", "财务登账时间"),
        *HANDLED,
        VALI_FLAG,
    ),
    ("payouts",),
    key=("dfr_id",),
    aside=(INVALID,),
)

"""All source tables that are read, in order."""

from __future__ import annotations

from graphaudit.errors import SchemaError
from loaders.declaration import Source
from loaders.nhsa.institutions import FIXMEDINS_B, FIXMEDINS_PAUS_D, FIXMEDINS_SIGN_B, MEDINS_INFO_B, RTAL_PHAC_B
from loaders.nhsa.manual_business import BIZ_GEN_CHK_D, CENT_MANL_REIM_REG_D, CENT_MANL_REIM_REG_EVT_C, MED_DFR_D
from loaders.nhsa.packs import SELINFO_3505, SELINFO_3506, SELINFO_3513
from loaders.nhsa.persons import INSU_EMP_INFO_B, OPSP_REG_D, PSN_FIX_REG_D, PSN_INFO_B, PSN_INSU_D
from loaders.nhsa.register import BENIGN_REGISTER
from loaders.nhsa.settlements import FEE_LIST_D, MDTRT_D, SETL_D
from loaders.nhsa.staff import DR_INFO_B, FIXMEDINS_DEPT_DR_RLTS_INFO_C, OPT_PSN_B

SOURCES: tuple[Source, ...] = (
    SETL_D, MDTRT_D, FEE_LIST_D, PSN_INFO_B, PSN_INSU_D, INSU_EMP_INFO_B, OPSP_REG_D, PSN_FIX_REG_D, FIXMEDINS_B,
    MEDINS_INFO_B, RTAL_PHAC_B, FIXMEDINS_PAUS_D, FIXMEDINS_SIGN_B, DR_INFO_B, FIXMEDINS_DEPT_DR_RLTS_INFO_C, OPT_PSN_B,
    CENT_MANL_REIM_REG_D, CENT_MANL_REIM_REG_EVT_C, BIZ_GEN_CHK_D, MED_DFR_D, SELINFO_3505, SELINFO_3506, SELINFO_3513,
    BENIGN_REGISTER,
)  # fmt: skip


def source(name: str) -> Source:
    """The source table called `name`; SchemaError when there is none."""
    for declared in SOURCES:
        if declared.name == name:
            return declared
    raise SchemaError(f"no source table {name}")

"""What the source really delivered, in canonical terms, so that detectors know what they can rely on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from graphaudit.records import TABLES
from loaders.workspace import Workspace, quoted

# Columns that get a default where the source says nothing: delivered when one of these source columns was.
_DEFAULTED: Mapping[str, tuple[str, ...]] = {
    "settlements.fund_fen": ("setl_d.fund_pay_sumamt", "setl_d.hifp_pay"),
    "settlements.account_fen": ("setl_d.acct_pay",),
    "settlements.cash_fen": ("setl_d.cash_payamt", "setl_d.psn_pay"),
    "settlements.refunded_fen": ("setl_d.refd_setl_flag", "setl_d.init_setl_id"),
    "settlements.refunded_fund_fen": ("setl_d.refd_setl_flag", "setl_d.init_setl_id"),
    "settlements.is_event": ("setl_d.refd_setl_flag", "setl_d.init_setl_id"),
    "settlements.is_manual": (
        "setl_d.setl_type", "setl_d.pay_loc", "setl_d.manl_reim_rea", "cent_manl_reim_reg_d.med_fee_reg_id",
    ),
    "settlements.kind": ("setl_d.med_type", "mdtrt_d.med_type"),
    "lines.is_drug": ("fee_list_d.list_type", "fee_list_d.med_chrgitm_type", "fee_list_d.hilist_code"),
    "lines.quantity": ("fee_list_d.cnt",),
    "doctors.multi_site": ("dr_info_b.mul_prac_flag",),
    "practices.registered": ("dr_info_b.dr_code", "fixmedins_dept_dr_rlts_info_c.dr_code"),
    "pack_sales.split_pack": ("selinfo_3505.trdn_flag", "selinfo_3513.trdn_flag"),
    "pack_sales.returned": ("selinfo_3506.drug_trac_codg",),
    "employers.is_virtual": ("insu_emp_info_b.emp_mgt_type", "setl_d.emp_mgt_type", "mdtrt_d.emp_mgt_type"),
}  # fmt: skip


def find_coverage(workspace: Workspace, folder: Path, delivered: frozenset[str]) -> frozenset[str]:
    """Canonical tables with rows and columns with values below `folder`.

    `delivered` are the source's `table.column`s. Counts come from the statistics of the Parquet files.
    """
    found: set[str] = set()
    for table in TABLES:
        rows = workspace.run(
            f"""SELECT path_in_schema, sum(num_values - coalesce(stats_null_count, 0))
            FROM parquet_metadata({quoted(folder / f"{table.name}.parquet")}) GROUP BY path_in_schema"""
        )
        filled = {name for name, n in rows if n and n > 0}
        if not filled:
            continue
        found.add(table.name)
        for column in filled:
            name = f"{table.name}.{column}"
            sources = _DEFAULTED.get(name)
            if sources is None or delivered.intersection(sources):
                found.add(name)
    if not workspace.one("SELECT coalesce(bool_or(registered), false) FROM canonical.practices"):
        found -= {"practices.from_on", "practices.until_on"}
    return frozenset(found)

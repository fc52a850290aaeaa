"""What the load says about itself: counts that add up, gaps, oddities, and what the source really delivered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class TableReport:
    """Rows of one source table: read = staged + set aside + rejected."""

    name: str
    zh: str
    read: int
    staged: int
    aside: Mapping[str, int]
    rejected: Mapping[str, int]
    notes: Mapping[str, int]
    files: tuple[Mapping[str, Any], ...]
    absent_columns: tuple[str, ...]
    ignored_columns: tuple[str, ...]
    unknown_codes: Mapping[str, Mapping[str, int]]

    @property
    def balanced(self) -> bool:
        """True when every row read is accounted for once."""
        return self.read == self.staged + sum(self.aside.values()) + sum(self.rejected.values())


@dataclass(frozen=True, slots=True)
class StageReport:
    """The load of one source folder.

    `coverage` names canonical tables (`lines`) and columns (`settlements.card_no`) that the source delivered;
    `unusable` are tables whose required columns are missing, with the reason.
    """

    fingerprint: str
    tables: tuple[TableReport, ...]
    missing_tables: tuple[str, ...]
    unusable: Mapping[str, str]
    ignored_files: tuple[str, ...]
    canonical_rows: Mapping[str, int]
    clock_share: float
    period: tuple[str, str]
    coverage: frozenset[str]
    seconds: float = 0.0
    notes: Mapping[str, int] = field(default_factory=dict)

    @property
    def has_clock(self) -> bool:
        """True when settlement times carry a time of day; otherwise hour windows become days."""
        return self.clock_share > 0

    @property
    def rows_read(self) -> int:
        """Rows of all tables."""
        return sum(table.read for table in self.tables)

    @property
    def rows_rejected(self) -> int:
        """Rejected rows of all tables."""
        return sum(sum(table.rejected.values()) for table in self.tables)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: sorted where order has no meaning."""
        return {
            "fingerprint": self.fingerprint,
            "rows_read": self.rows_read,
            "rows_rejected": self.rows_rejected,
            "seconds": round(self.seconds, 3),
            "period": {"from": self.period[0], "to": self.period[1]},
            "clock_share": round(self.clock_share, 4),
            "has_clock": self.has_clock,
            "tables": [asdict(table) for table in self.tables],
            "missing_tables": list(self.missing_tables),
            "unusable_tables": dict(self.unusable),
            "ignored_files": list(self.ignored_files),
            "canonical_rows": dict(self.canonical_rows),
            "notes": dict(self.notes),
            "coverage": sorted(self.coverage),
        }

    def readable(self) -> str:
        """For people, English with Chinese headings."""
        lines = [
            f"Load report · 装载报告    period 期间 {self.period[0]} … {self.period[1]}",
            f"{'table 表':<32}{'read 读入':>13}{'staged 入库':>12}{'set aside 搁置':>13}{'rejected 拒收':>12}",
        ]
        for table in self.tables:
            aside, rejected = sum(table.aside.values()), sum(table.rejected.values())
            lines.append(
                f"{table.name + ' ' + table.zh:<30}{table.read:>14,}{table.staged:>14,}{aside:>14,}{rejected:>14,}"
            )
            lines += [f"    set aside 搁置: {rule}: {n:,}" for rule, n in table.aside.items()]
            lines += [f"    rejected 拒收: {reason}: {n:,}" for reason, n in table.rejected.items()]
            lines += [f"    note 提示: {note}: {n:,}" for note, n in table.notes.items()]
            for column, values in table.unknown_codes.items():
                listed = ", ".join(f"{value} ({n:,})" for value, n in list(values.items())[:10])
                lines.append(f"    codes kept as they are 未知代码: {column}: {listed}")
            if table.ignored_columns:
                lines.append(f"    ignored columns 未用列: {', '.join(table.ignored_columns)}")
        lines += [f"note 提示: {note}: {n:,}" for note, n in self.notes.items()]
        if self.missing_tables:
            lines.append(f"missing tables 缺少的表: {', '.join(self.missing_tables)}")
        lines += [f"unusable table 不可用的表: {name}: {why}" for name, why in self.unusable.items()]
        if self.ignored_files:
            lines.append(f"ignored files 未用文件: {', '.join(self.ignored_files)}")
        if not self.has_clock:
            lines.append("times carry no clock: hour windows become days · 时间不含时分,小时窗口按天处理")
        return "\n".join(lines)

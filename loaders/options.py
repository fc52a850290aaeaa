"""Settings of the load stage."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from graphaudit.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class StageOptions:
    """How a source folder is staged.

    `max_rejected_share` stops the load when more of a table's rows are rejected (setl_d at any number, other tables
    from `few_rejects` rows on). `tolerance_fen` is allowed between a total and its parts. `memory_limit` bounds the
    engine, which spills to `temp_directory` (default: beside the tables) beyond it. `overrides` is the site's folder
    of code tables and lists. `agency_office` is given to agency handlers for whom the source names no office.
    """

    max_rejected_share: float = 0.05
    few_rejects: int = 20
    tolerance_fen: int = 1
    memory_limit: str = "1500MB"
    threads: int = 2
    temp_directory: Path | None = None
    overrides: Path | None = None
    agency_office: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.max_rejected_share <= 1:
            raise ConfigurationError(
                f"max_rejected_share is {self.max_rejected_share}", "give a share between 0 and 1, for example 0.05"
            )
        if self.tolerance_fen < 0:
            raise ConfigurationError(f"tolerance_fen is {self.tolerance_fen}", "give 0 or more fen")
        if self.threads < 1:
            raise ConfigurationError(f"threads is {self.threads}", "give at least one")

"""Bring settlement records in: source folders become the canonical tables of one build."""

from loaders.fingerprint import source_fingerprint
from loaders.options import StageOptions
from loaders.report import StageReport, TableReport
from loaders.staging import stage_source

__all__ = ["StageOptions", "StageReport", "TableReport", "source_fingerprint", "stage_source"]

"""Findings become leads: fused, explained, scored, ordered, and recognised from build to build."""

from graphaudit.leads.rank import rank_findings

__all__ = ["rank_findings"]

"""Leads against the truth of a simulated city: one world, several worlds, readable text."""

from graphaudit.evaluation.calibration import honesty, reliability
from graphaudit.evaluation.files import load_leads, load_truth
from graphaudit.evaluation.metrics import evaluate
from graphaudit.evaluation.stability import stability
from graphaudit.evaluation.summary import readable, summarise

__all__ = ["evaluate", "honesty", "load_leads", "load_truth", "readable", "reliability", "stability", "summarise"]

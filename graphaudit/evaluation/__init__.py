"""Leads against the truth of a simulated city: one world, several worlds, readable text."""

from graphaudit.evaluation.files import load_leads, load_truth
from graphaudit.evaluation.metrics import evaluate
from graphaudit.evaluation.summary import readable, summarise

__all__ = ["evaluate", "load_leads", "load_truth", "readable", "summarise"]

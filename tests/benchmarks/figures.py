"""Figures as the pages show them."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import fmean
from typing import Any


def cities(count: int) -> str:
    """So many cities, in words that fit one too."""
    return f"{count} {'city' if count == 1 else 'cities'}"


def number(value: float, digits: int) -> str:
    """`value` with that many digits behind the point."""
    return f"{value:.{digits}f}"


def signed(value: float, digits: int = 2) -> str:
    """A difference with its sign; nothing is `0`, so that what changed stands out."""
    text = f"{value:+.{digits}f}"
    return "0" if float(text) == 0 else text


def mean(values: Iterable[float | None], digits: int = 2) -> str:
    """Mean of the values that are there, or a dash."""
    there = [value for value in values if value is not None]
    return number(fmean(there), digits) if there else "–"


def with_interval(figure: dict[str, Any]) -> str:
    """A summarised figure with its interval."""
    return f"{figure['mean']:.2f} ({figure['low']:.2f}–{figure['high']:.2f})"

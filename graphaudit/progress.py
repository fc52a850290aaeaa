"""Progress as a callback protocol: long work reports, whoever started it decides how to show it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Protocol

logger = logging.getLogger(__name__)


class Progress(Protocol):
    """Receives what long work reports. Implementations must be cheap and must not raise."""

    def stage(self, name: str, total: int | None = None) -> None:
        """A named stage begins; `total` is the number of steps when it is known."""

    def advance(self, steps: int = 1, note: str = "") -> None:
        """`steps` further steps of the current stage are done; `note` names the latest."""

    def done(self, summary: str = "") -> None:
        """The current stage has ended; `summary` is one line with counts."""


class SilentProgress:
    """Shows nothing: for libraries and tests."""

    def stage(self, name: str, total: int | None = None) -> None:
        pass

    def advance(self, steps: int = 1, note: str = "") -> None:
        pass

    def done(self, summary: str = "") -> None:
        pass


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Log start and end of a step with its seconds, one line each."""
    logger.debug("start what=%s", what)
    began = perf_counter()
    yield
    logger.info("done what=%s seconds=%.2f", what, perf_counter() - began)

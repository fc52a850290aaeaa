"""Log lines on stderr: key=value text, or one JSON object a line."""

from __future__ import annotations

import json
import logging
import sys
from typing import TextIO

ROOTS = ("graphaudit", "loaders", "detectors", "api")


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and the kind of an exception (never its text)."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0]:
            entry["exception"] = record.exc_info[0].__name__
        return json.dumps(entry, ensure_ascii=False)


def configure_logging(log_format: str = "text", level: str = "warning", stream: TextIO | None = None) -> None:
    """Send the project's log lines to `stream` (default stderr). Calling it again replaces the former set-up."""
    handler = logging.StreamHandler(stream or sys.stderr)
    if log_format == "json":
        handler.setFormatter(JsonFormatter())
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    for name in ROOTS:
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level.upper())
        logger.propagate = False

"""Log lines: text or JSON, never the text of an exception."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from graphaudit.logs import ROOTS, configure_logging


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in ROOTS]
    before = [(logger.handlers, logger.level, logger.propagate) for logger in loggers]
    yield
    for logger, (handlers, level, propagate) in zip(loggers, before, strict=True):
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)


def test_text_lines_carry_level_and_message_once_however_often_set_up() -> None:
    stream = io.StringIO()
    configure_logging("text", "info", stream)
    configure_logging("text", "info", stream)
    logging.getLogger("graphaudit.builds").info("done stage=%s", "derive")
    logging.getLogger("graphaudit.builds").debug("hidden")
    assert stream.getvalue().count("done stage=derive") == 1
    assert "hidden" not in stream.getvalue()


def test_json_lines_name_the_kind_of_an_exception_but_not_its_text() -> None:
    stream = io.StringIO()
    configure_logging("json", "warning", stream)
    try:
        int("110101199001011234x")
    except ValueError:
        logging.getLogger("loaders.sources").exception("reading failed file=%s", "setl_d.csv")
    entry = json.loads(stream.getvalue())
    assert entry["exception"] == "ValueError"
    assert entry["message"] == "reading failed file=setl_d.csv"
    assert "110101" not in stream.getvalue()

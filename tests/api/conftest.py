"""Running commands in the test's own process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from api.cli import main
from tests.api.command_runner import Ran


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., Ran]:
    """Runs a command with its state below the test's own folder."""

    def command(*arguments: str) -> Ran:
        code = main([*arguments, "--data", str(tmp_path / "home")])
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return command

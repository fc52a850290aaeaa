"""What every command shares: where the state is, --json, errors as detail and next step, exit codes."""

from __future__ import annotations

import functools
import inspect
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from api.progress_bars import shown_progress
from graphaudit.errors import GraphauditError
from graphaudit.logs import configure_logging
from graphaudit.progress import Progress
from graphaudit.settings import Settings, load_settings

FAILED, WRONG_USAGE, INTERRUPTED = 1, 2, 130

PLACES = ("data", "store", "registry", "builds")

DataOption = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="Home of all state [default: ./graphaudit-data].")
]
StoreOption = Annotated[
    str | None, typer.Option("--store", metavar="URL", help="Graph store [default: ladybug:DATA/graph].")
]
RegistryOption = Annotated[
    str | None, typer.Option("--registry", metavar="URL", help="Lead registry [default: sqlite:DATA/registry.db].")
]
BuildsOption = Annotated[
    Path | None, typer.Option("--builds", metavar="DIR", help="Folder of the builds [default: DATA/builds].")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]

_SHARED: dict[str, tuple[Any, Any]] = {
    "data": (DataOption, None),
    "store": (StoreOption, None),
    "registry": (RegistryOption, None),
    "builds": (BuildsOption, None),
    "as_json": (JsonOption, False),
}


@dataclass(slots=True)
class Invocation:
    """One run of the command line: settings (read when first asked for) and how to print."""

    places: dict[str, Any]
    as_json: bool
    _settings: Settings | None = field(default=None)

    @property
    def settings(self) -> Settings:
        """Settings with the places given on the command line. ConfigurationError when something is wrong."""
        return self.settings_with()

    def settings_with(self, **overrides: Any) -> Settings:
        """The same with further overrides; None means not given."""
        if self._settings is None or overrides:
            self._settings = load_settings({**self.places, **overrides})
            configure_logging(self._settings.log_format, self._settings.log_level)
        return self._settings

    def print(self, text: str) -> None:
        """Print for people; with --json nothing of it is shown."""
        if not self.as_json:
            typer.echo(text)

    def result(self, value: Any) -> None:
        """Print for machines, when --json was given."""
        if self.as_json:
            typer.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """Progress on stderr: bars on a terminal, else one line a stage."""
        with shown_progress(sys.stderr) as progress:
            yield progress


def command(app: typer.Typer, name: str, **options: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function as command `name` of `app`.

    Its first parameter receives the Invocation; --data, --store, --registry, --builds and --json are added to its own
    options, and expected errors become a message on stderr and an exit code.
    """

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(function, eval_str=True)
        own = list(signature.parameters.values())[1:]
        shared = [
            inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
            for key, (annotation, default) in _SHARED.items()
        ]
        context = inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)

        @functools.wraps(function)
        def run(*, context: typer.Context, **given: Any) -> None:
            inherited = context.obj or {}
            places = {key: _first(given.pop(key), inherited.get(key)) for key in PLACES}
            as_json = given.pop("as_json") or inherited.get("as_json", False)
            with reported_errors():
                function(Invocation(places, as_json), **given)

        keyword_only = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own]
        parameters = [*keyword_only, *shared, context]
        run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {p.name: p.annotation for p in parameters}
        app.command(name, **options)(run)
        return function

    return decorate


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


@contextmanager
def reported_errors() -> Iterator[None]:
    """Turn errors into a message on stderr and an exit code; a traceback only with GRAPHAUDIT_DEBUG=1."""
    try:
        yield
    except typer.Exit:
        raise
    except KeyboardInterrupt:
        typer.echo("interrupted", err=True)
        raise typer.Exit(INTERRUPTED) from None
    except GraphauditError as error:
        _say(error, error.detail, error.hint)
        raise typer.Exit(FAILED) from None
    except BrokenPipeError:
        # the reader of a pipe (head, less) has gone: not an error, but nothing more can be printed either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(FAILED) from None
    except OSError as error:
        _say(
            error,
            f"{error.strerror or error}: {error.filename or ''}".rstrip(": "),
            "correct the path or its permissions",
        )
        raise typer.Exit(FAILED) from None
    except Exception as error:  # noqa: BLE001 - the last resort of a command line; the text may quote a personal value
        _say(error, f"unexpected {type(error).__name__}", "set GRAPHAUDIT_DEBUG=1 and report the traceback")
        raise typer.Exit(FAILED) from None


def _say(error: BaseException, detail: str, hint: str) -> None:
    if os.environ.get("GRAPHAUDIT_DEBUG") == "1":
        typer.echo("".join(traceback.format_exception(error)), err=True)
    typer.echo(f"error: {detail}", err=True)
    if hint:
        typer.echo(f"  next step: {hint}", err=True)

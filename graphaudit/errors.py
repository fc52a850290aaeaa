"""Every error a user can meet: what happened, where, and the next step."""

from __future__ import annotations


class GraphauditError(Exception):
    """Base of all expected failures.

    `detail` says what happened and where (file, line, column, detector; never a personal value);
    `hint` says what to do next. The command line prints both and exits with 1.
    """

    def __init__(self, detail: str, hint: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.detail}\n  next step: {self.hint}" if self.hint else self.detail


class ConfigurationError(GraphauditError):
    """A setting, a secret or an installed package is wrong."""


class SchemaError(GraphauditError):
    """A declaration, or data that should follow it, does not hold together."""


class SourceError(GraphauditError):
    """The source folder cannot be read, or too much of it is wrong."""


class QueryError(GraphauditError):
    """A query file is malformed or failed to run."""


class StoreError(GraphauditError):
    """The graph store refused, lost, or disagrees with the tables it was built from."""


class BuildError(GraphauditError):
    """A build stage failed; the previous build goes on serving."""


class NotFoundError(GraphauditError):
    """No such lead, build or key."""

"""A .cypher file: header → QuerySpec, body unchanged.

The header is the block of `//` lines at the top, keys in the order of `KEYS`. A line that starts with `//` and at
least three spaces goes on where the previous one ended. Everything below the header is the query, run as it stands.
"""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Formatter

from graphaudit.cypher_text import ParameterError, parameters_of, returned_aliases
from graphaudit.errors import QueryError
from graphaudit.findings import PATTERNS
from graphaudit.query_header import KEYS, VIEW_KEYS, Header
from graphaudit.query_spec import (
    COUNTED,
    JOINING,
    WEIGHED,
    Grows,
    Keep,
    Param,
    QuerySpec,
    Returned,
    Value,
    ViewSpec,
    effective,
)

__all__ = [
    "KEYS", "VIEW_KEYS", "Grows", "Keep", "Param", "QuerySpec", "Returned", "Value", "ViewSpec", "effective",
    "load_pattern", "load_patterns", "load_views", "parse", "parse_view",
]  # fmt: skip

STATUSES = ("draft", "trial", "stable", "retired")

#: Whose id the parameter of a view is; `none` for a view without one, `entity` for whatever a lead may name.
ABOUT = (
    "none", "lead", "entity", "person", "card", "site", "doctor", "handler", "bank_account", "phone", "agent",
    "drug_pack",
)  # fmt: skip


def load_patterns() -> tuple[QuerySpec, ...]:
    """Every query of cypher/patterns in the order of its id; QueryError names file and line of the first fault."""
    folder = files("cypher").joinpath("patterns")
    return tuple(load_pattern(path) for path in sorted(folder.iterdir(), key=lambda p: p.name) if _is_query(path))


def load_pattern(path: Traversable) -> QuerySpec:
    """The query in the file at `path`, whose stem is its id."""
    return parse(path.read_text(encoding="utf-8"), path.name)


def load_views() -> tuple[ViewSpec, ...]:
    """Every query of cypher/views in the order of its id; QueryError names file and line of the first fault."""
    folder = files("cypher").joinpath("views")
    paths = sorted((path for path in folder.iterdir() if _is_query(path)), key=lambda p: p.name)
    return tuple(parse_view(path.read_text(encoding="utf-8"), path.name) for path in paths)


def parse_view(text: str, file: str) -> ViewSpec:
    """Parse the text of a view called `file`; QueryError with file and line when it is malformed."""
    lines, body, first = _split(text)
    header = Header(file, lines, VIEW_KEYS)
    view = ViewSpec(
        id=header.identity("id"),
        version=header.integer("version"),
        place=header.integer("place"),
        about=header.choice("about", ABOUT),
        pattern=header.choice("pattern", ("any", *PATTERNS)),
        title=header.bilingual("title"),
        question=header.bilingual("question"),
        params=tuple(header.param(line, value) for line, value in header.many("param")),
        shows=header.choice("shows", ("picture", "table")),
        needs_engine=header.listed("needs-engine"),
        body=body,
    )
    _check_name(header, view.id)
    _check_parameters(header, view.body, view.params, first)
    if bool(view.params) != (view.about != "none"):
        raise header.error("about", "a view has a parameter exactly when it is about something")
    return view


def parse(text: str, file: str) -> QuerySpec:
    """Parse the text of a query file called `file`; QueryError with file and line when it is malformed."""
    lines, body, first = _split(text)
    header = Header(file, lines)
    params = tuple(header.param(line, value) for line, value in header.many("param"))
    spec = QuerySpec(
        id=header.identity("id"),
        version=header.integer("version"),
        pattern=header.choice("pattern", PATTERNS),
        kind=header.identity("kind"),
        title=header.bilingual("title"),
        status=header.choice("status", STATUSES),
        question=header.bilingual("question"),
        params=params,
        returns=tuple(header.returned(line, value) for line, value in header.many("returns")),
        joins=header.listed("joins"),
        keep=tuple(header.kept(line, value, params) for line, value in header.many("keep")),
        signals=tuple(header.grows(line, value) for line, value in header.many("signal")),
        text=header.bilingual("text"),
        clears=header.bilingual("clears"),
        weighs=header.listed("weighs"),
        benign=header.bilinguals("benign"),
        misses=header.bilinguals("misses"),
        legal=header.listed("legal", ";"),
        references=header.listed("references", ";"),
        needs=header.listed("needs"),
        needs_engine=header.listed("needs-engine"),
        body=body,
    )
    _check_name(header, spec.id)
    _check_parameters(header, spec.body, spec.params, first, applied={rule.param for rule in spec.keep})
    _check_returns(header, spec, first)
    _check_words(header, spec)
    return spec


def _check_name(header: Header, identity: str) -> None:
    if f"{identity}.cypher" != header.file:
        raise header.error("id", f"the id {identity} is not the name of the file")


def _check_parameters(
    header: Header, body: str, params: tuple[Param, ...], first: int, applied: frozenset[str] | set[str] = frozenset()
) -> None:
    """`first` is the line of the file on which the body starts; `applied` names those that only the runner uses."""
    try:
        used = parameters_of(body)
    except ParameterError as error:
        raise QueryError(f"{header.file}, line {first + error.line - 1}: {error}") from error
    declared = {param.name for param in params}
    if len(declared) < len(params):
        raise header.error("param", "a parameter is declared twice")
    undeclared = sorted(set(used) - declared)
    if undeclared:
        line = first + used[undeclared[0]] - 1
        raise QueryError(f"{header.file}, line {line}: parameter ${undeclared[0]} is used but not declared")
    unused = sorted(declared - set(used) - applied)
    if unused:
        line = header.line_of_param(unused[0])
        raise QueryError(f"{header.file}, line {line}: parameter {unused[0]} is declared but not used")


def _check_returns(header: Header, spec: QuerySpec, first: int) -> None:
    declared = [returned.alias for returned in spec.returns]
    aliases = returned_aliases(spec.body)
    if aliases != declared:
        raise QueryError(
            f"{header.file}, line {first}: the query returns {', '.join(aliases) or 'nothing'}, "
            f"the header says {', '.join(declared)}"
        )


def _check_words(header: Header, spec: QuerySpec) -> None:
    """Values that the wording and the rules name must be values that are computed."""
    for key, text in (("text.zh", spec.text.zh), ("text.en", spec.text.en)):
        try:
            named = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
        except ValueError as error:
            raise header.error(key, f"the braces do not match: {error}") from error
        if wrong := sorted(named - set(COUNTED)):
            raise header.error(key, f"{{{wrong[0]}}} is no value of a finding; known: {', '.join(COUNTED)}")
    if wrong := sorted({rule.value for rule in spec.keep} - set(COUNTED)):
        raise header.error("keep", f"{wrong[0]} is no value of a finding; known: {', '.join(COUNTED)}")
    if wrong := sorted(set(spec.joins) - set(JOINING)):
        raise header.error("joins", f"rows are not joined by {wrong[0]}; known: {', '.join(JOINING)}")
    if wrong := sorted(set(spec.weighs) - set(WEIGHED)):
        raise header.error("weighs", f"unknown cause {wrong[0]}; known: {', '.join(WEIGHED)}")


def _is_query(path: Traversable) -> bool:
    return path.is_file() and path.name.endswith(".cypher")


def _split(text: str) -> tuple[list[str], str, int]:
    """Header lines, body, and the line (from 1) of its first text; the first line that is no comment parts them."""
    lines = text.splitlines()
    end = next((number for number, line in enumerate(lines) if not line.startswith("//")), len(lines))
    first = next((number for number in range(end, len(lines)) if lines[number]), end)
    return lines[:end], "\n".join(lines[first:]).rstrip("\n") + "\n", first + 1

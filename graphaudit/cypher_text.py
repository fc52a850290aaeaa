"""Looks at Cypher text without being misled by strings, quoted names and comments."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r"""
    (?P<comment>//[^\n]*|/\*.*?\*/)
  | (?P<string>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")
  | (?P<quoted>`(?:``|[^`])*`)
  | (?P<parameter>\$[A-Za-z_][A-Za-z0-9_]*)
  | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<number>\d+(?:\.\d+)?)
  | (?P<space>\s+)
  | (?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL,
)


class ParameterError(ValueError):
    """The text cannot be read; `line` counts from its first line."""

    def __init__(self, detail: str, line: int) -> None:
        super().__init__(detail)
        self.line = line


def tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """(sort, text, line) of every token but spaces and comments; ParameterError for a string that never ends."""
    line = 1
    for match in _TOKEN.finditer(text):
        sort, piece = str(match.lastgroup), match.group()
        if sort == "sign" and (piece in "'\"`" or text.startswith("/*", match.start())):
            raise ParameterError("a string, quoted name or comment is not closed", line)
        if sort not in {"space", "comment"}:
            yield sort, piece, line
        line += piece.count("\n")


def parameters_of(text: str) -> dict[str, int]:
    """Name → line of first use of every `$name` outside strings, quoted names and comments."""
    found: dict[str, int] = {}
    for sort, piece, line in tokens(text):
        if sort == "parameter":
            found.setdefault(piece[1:], line)
    return found


def words_of(text: str) -> list[str]:
    """Bare words in order, upper-cased: what a keyword check looks at."""
    return [piece.upper() for sort, piece, _ in tokens(text) if sort == "word"]


def returned_aliases(text: str) -> list[str]:
    """Aliases of the last RETURN in order, whether written `expression AS alias` or as a bare name."""
    flat = list(tokens(text))
    starts = [n for n, (sort, piece, _) in enumerate(flat) if sort == "word" and piece.upper() == "RETURN"]
    if not starts:
        return []
    aliases: list[str] = []
    depth, last = 0, ""
    for sort, piece, _ in [*flat[starts[-1] + 1 :], ("sign", ",", 0)]:
        if piece in "([{":
            depth += 1
        elif piece in ")]}":
            depth -= 1
        elif piece == "," and depth == 0:
            aliases.append(last)
        elif sort == "word" and piece.upper() in {"LIMIT", "SKIP", "ORDER"} and depth == 0:
            aliases.append(last)
            break
        if sort == "word":
            last = piece
    return aliases

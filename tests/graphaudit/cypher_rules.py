"""What a portable pattern query may hold: `problems` reads the text of a body and names every breach.

A check on tokens, not a parser of the language: it knows the clauses that patterns are written in and refuses the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from graphaudit.cypher_text import tokens
from graphaudit.schema import NODES, RELATIONSHIPS

WRITING = {
    "CREATE", "MERGE", "SET", "DELETE", "DETACH", "REMOVE", "FOREACH", "LOAD", "COPY", "DROP", "ALTER", "INSERT",
    "INSTALL", "ATTACH", "EXPORT", "IMPORT",
}  # fmt: skip
#: Refused by one engine, or silently different: integer sums, logarithms, order, what a type is called.
FOREIGN_CLAUSES = {"ORDER", "UNION", "CALL", "SKIP", "USE", "SHOW", "YIELD"}
FOREIGN_FUNCTIONS = {
    "TYPE", "LABELS", "LABEL", "ID", "ELEMENTID", "ALL", "ANY", "NONE", "SINGLE", "REDUCE", "LOG", "LN", "SUM", "AVG",
    "STDEV", "PERCENTILECONT", "NODES", "RELATIONSHIPS", "RELS", "SHORTESTPATH", "LENGTH", "PROPERTIES", "KEYS", "APOC",
}  # fmt: skip
REFUSED_ALIASES = {"END", "ORDER", "GROUP", "TABLE", "PROFILE", "STARTS"}
_CLAUSES = {"MATCH", "WHERE", "WITH", "RETURN", "UNWIND", "OPTIONAL", "LIMIT"}

_LABELS = {node.label: {p.name for p in node.all_properties} for node in NODES}
_TYPES = {relationship.name: relationship for relationship in RELATIONSHIPS}

Token = tuple[str, str]


@dataclass
class Node:
    """A node of a pattern: its variable and the labels it may have; empty where the pattern leaves them out."""

    variable: str
    labels: tuple[str, ...]


@dataclass
class Hop:
    """A relationship of a pattern; `sign` is > or < in reading order, or nothing when it has no direction."""

    variable: str
    types: tuple[str, ...]
    sign: str
    length: str = ""


@dataclass
class Chain:
    """Nodes and the hops between them; `carried` names what a WITH before it has let through, None without one."""

    carried: set[str] | None
    nodes: list[Node] = field(default_factory=list)
    hops: list[Hop] = field(default_factory=list)


def problems(body: str) -> list[str]:
    """Everything in `body` that a pattern may not hold, in no particular order."""
    flat = [(sort, piece) for sort, piece, _ in tokens(body)]
    chains = list(_chains(flat))
    return [*_words(flat), *_signs(flat), *_hops(chains), *_cycles(chains), *_names(flat, chains)]


def _words(flat: Sequence[Token]) -> Iterator[str]:
    for place, (sort, piece) in enumerate(flat):
        word = piece.upper()
        after = flat[place + 1][1] if place + 1 < len(flat) else ""
        before = flat[place - 1][1] if place else ""
        if sort != "word" or before == ".":
            continue
        if word in WRITING and after != ":":
            yield f"writes: {word}"
        if word in FOREIGN_CLAUSES:
            yield f"clause: {word}"
        if word in FOREIGN_FUNCTIONS and after == "(":
            yield f"function: {word}"
        if word == "COUNT" and after == "{":
            yield "COUNT { }"
        if word == "LIMIT" and (place + 1 == len(flat) or flat[place + 1][0] != "parameter"):
            yield "LIMIT without a parameter"
        if before.upper() == "AS" and word in REFUSED_ALIASES:
            yield f"alias: {piece}"
        if word == "IN" and place > 1 and flat[place - 2][1] == "[" and before not in {"(", ","}:
            yield "list comprehension"
        if word == "IS" and place and flat[place - 1][0] == "parameter" and after.upper() == "NULL":
            yield "a parameter that may be null"


def _signs(flat: Sequence[Token]) -> Iterator[str]:
    """A colon belongs to the label of a node, the type of a relationship or a key in a map; once."""
    for place, (_, piece) in enumerate(flat):
        if piece != ":":
            continue
        before = [flat[place - back][1] if place >= back else "" for back in (1, 2)]
        opens = before[0] in {"(", "["} or before[1] in {"(", "[", "{", ","}
        if not opens:
            yield f"a label outside of a pattern, or two in one: {before[0]}:"


def _hops(chains: Sequence[Chain]) -> Iterator[str]:
    for chain in chains:
        for hop in chain.hops:
            if not hop.sign:
                yield f"a hop without direction: {'|'.join(hop.types)}"
            if hop.length and not (hop.length.split("..")[-1].isdecimal()):
                yield f"a path without an upper bound: *{hop.length}"
            if not hop.types:
                yield "a hop of any type"


def _cycles(chains: Sequence[Chain]) -> Iterator[str]:
    """A chain may hang on what is known by one variable only: a second one closes a cycle."""
    known: set[str] = set()
    for chain in chains:
        if chain.carried is not None:
            known &= chain.carried
        own = [node.variable for node in chain.nodes if node.variable]
        if chain.hops and (len(known & set(own)) > 1 or len(set(own)) < len(own)):
            yield f"a cycle through {', '.join(sorted(own))}"
        known |= set(own)
        for place, (one, two) in enumerate(zip(chain.hops, chain.hops[1:], strict=False)):
            if set(one.types) & set(two.types) and one.sign != two.sign:
                yield f"{one.types[0]} twice at {chain.nodes[place + 1].variable}: a relationship may be walked back"


def _names(flat: Sequence[Token], chains: Sequence[Chain]) -> Iterator[str]:
    """Labels, types, ends and properties must be those of the declared schema."""
    bound: dict[str, set[str]] = {}
    held: dict[str, set[str]] = {}
    for chain in chains:
        for node in chain.nodes:
            for label in node.labels:
                if label not in _LABELS:
                    yield f"label {label}"
            if node.labels and node.variable:
                bound[node.variable] = {label for label in node.labels if label in _LABELS}
        for place, hop in enumerate(chain.hops):
            for name in hop.types:
                if name not in _TYPES:
                    yield f"type {name}"
                elif not _fits(name, hop.sign, chain.nodes[place], chain.nodes[place + 1], bound):
                    yield f"ends of {name}"
            if hop.variable:
                held[hop.variable] = {p.name for name in hop.types if name in _TYPES for p in _TYPES[name].properties}
    for place, (sort, piece) in enumerate(flat):
        if piece != "." or not place or flat[place - 1][0] != "word" or flat[place + 1][0] != "word":
            continue
        variable, name = flat[place - 1][1], flat[place + 1][1]
        if variable in bound:
            known = set().union(*(_LABELS[label] for label in bound[variable]))
        elif variable in held:
            known = held[variable]
        else:
            yield f"variable {variable} of no pattern"
            continue
        if sort == "sign" and name not in known:
            yield f"property {variable}.{name}"


def _fits(name: str, sign: str, left: Node, right: Node, bound: dict[str, set[str]]) -> bool:
    start, end = (right, left) if sign == "<" else (left, right)
    starts, ends = (set(node.labels) or bound.get(node.variable, set()) for node in (start, end))
    pairs = {(a.label, b.label) for a, b in _TYPES[name].pairs}
    return any((not starts or a in starts) and (not ends or b in ends) for a, b in pairs)


def _chains(flat: Sequence[Token]) -> Iterator[Chain]:
    """Every chain of the MATCH clauses, those inside EXISTS included."""
    place, matching = 0, False
    carried: set[str] | None = None
    while place < len(flat):
        word = flat[place][1].upper() if flat[place][0] == "word" else ""
        if word in _CLAUSES:
            matching = word in {"MATCH", "OPTIONAL"}
            if word == "WITH":
                names = _projected(flat, place + 1)
                carried = names if carried is None else carried & names
        elif flat[place][1] == "(" and matching:
            chain = Chain(carried)
            carried = None
            place = _chain(flat, place, chain)
            yield chain
            continue
        place += 1


def _projected(flat: Sequence[Token], place: int) -> set[str]:
    """Names that a WITH at `place` lets through: bare ones and aliases."""
    names: set[str] = set()
    item: list[str] = []
    depth = 0
    for sort, piece in [*flat[place:], ("word", "RETURN")]:
        done = sort == "word" and piece.upper() in _CLAUSES
        depth += piece in {"(", "[", "{"}
        depth -= piece in {")", "]", "}"}
        if done or (piece == "," and depth == 0):
            if len(item) == 1 or (len(item) > 1 and item[-2].upper() == "AS"):
                names.add(item[-1])
            item = []
        else:
            item.append(piece)
        if done:
            break
    return names


def _chain(flat: Sequence[Token], place: int, chain: Chain) -> int:
    """Read one chain that starts at `place`; the place after it."""
    node, place = _node(flat, place)
    chain.nodes.append(node)
    while place < len(flat) and flat[place][1] in {"-", "<"}:
        left = flat[place][1] == "<"
        place += 2 if left else 1
        if flat[place][1] != "[":
            raise ValueError("a hop without brackets")
        close = _closing(flat, place)
        inner = [piece for _, piece in flat[place + 1 : close]]
        variable, names, rest = _named(inner)
        length = "".join(rest[rest.index("*") + 1 :]) if "*" in rest else ""
        place = close + 2
        right = flat[place][1] == ">"
        place += right
        chain.hops.append(
            Hop(variable, names, "<" if left and not right else ">" if right and not left else "", length)
        )
        if "*" in rest and not length:
            chain.hops[-1].length = ".."
        node, place = _node(flat, place)
        chain.nodes.append(node)
    return place


def _node(flat: Sequence[Token], place: int) -> tuple[Node, int]:
    close = _closing(flat, place)
    variable, labels, _ = _named([piece for _, piece in flat[place + 1 : close]])
    return Node(variable, labels), close + 1


def _named(inner: Sequence[str]) -> tuple[str, tuple[str, ...], list[str]]:
    """Variable, names after the colon, and what follows them."""
    place = 0
    variable = ""
    if inner and inner[0] not in {":", "*", "{"}:
        variable, place = inner[0], 1
    names: list[str] = []
    while place < len(inner) and inner[place] in {":", "|"}:
        names.append(inner[place + 1])
        place += 2
    return variable, tuple(names), list(inner[place:])


def _closing(flat: Sequence[Token], place: int) -> int:
    depth = 0
    for number in range(place, len(flat)):
        piece = flat[number][1] if flat[number][0] == "sign" else ""
        depth += piece in {"(", "[", "{"}
        depth -= piece in {")", "]", "}"}
        if depth == 0:
            return number
    raise ValueError("a bracket is not closed")

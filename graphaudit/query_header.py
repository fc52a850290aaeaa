"""Reads the header of a .cypher file, entry by entry; every fault names file and line."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from graphaudit.errors import QueryError
from graphaudit.findings import Text
from graphaudit.query_spec import COUNTED, TESTED, Grows, Keep, Param, Returned

#: Keys in the order in which a header gives them; those marked True may be left out.
KEYS: dict[str, bool] = {
    "id": False,
    "version": False,
    "pattern": False,
    "kind": False,
    "title.zh": False,
    "title.en": False,
    "status": False,
    "question.zh": False,
    "question.en": False,
    "param": True,
    "returns": False,
    "joins": True,
    "keep": True,
    "signal": False,
    "text.zh": False,
    "text.en": False,
    "clears.zh": False,
    "clears.en": False,
    "weighs": True,
    "benign.zh": False,
    "benign.en": False,
    "misses.zh": False,
    "misses.en": False,
    "legal": False,
    "references": True,
    "threshold-reason": True,
    "needs": False,
    "needs-engine": True,
}
#: The same for a view: what it is called comes first, for that is the name it has among an investigator's favourites.
VIEW_KEYS: dict[str, bool] = {
    "title.zh": False,
    "title.en": False,
    "id": False,
    "version": False,
    "place": False,
    "about": False,
    "pattern": False,
    "question.zh": False,
    "question.en": False,
    "param": True,
    "shows": False,
    "needs-engine": False,
}
#: Keys that may occur on several lines.
REPEATED = frozenset({"param", "returns", "keep", "signal", "benign.zh", "benign.en", "misses.zh", "misses.en"})

_TYPES: dict[str, type] = {"int": int, "float": float, "str": str, "bool": bool}
_PARAM = re.compile(r"(?P<name>[a-z_]+): (?P<type>int|float|str|bool) = (?P<default>.+?) -- (?P<reason>.+)")
_RETURNS = re.compile(r"(?P<alias>[a-z_]+) as (?P<role>[a-z_]+)")
_KEEP = re.compile(r"(?P<value>[a-z_]+) (?P<sign><=|>=) (?P<param>[a-z_]+) -- (?P<reason>.+)")
_SIGNAL = re.compile(r"(?P<measure>[A-Za-z_]+) = (?P<weight>\d+(\.\d+)?) -- (?P<reason>.+)")
_LINE = re.compile(r"// (?P<key>[a-z]+(-[a-z]+)?(\.(zh|en))?)(?P<colon>:?) (?P<value>\S.*)")
_IDENTITY = re.compile(r"[a-z][a-z0-9_]*")


class Header:
    """The entries of one header with their lines; every accessor raises QueryError naming file and line."""

    def __init__(self, file: str, lines: list[str], keys: Mapping[str, bool] = KEYS) -> None:
        self.file = file
        self.lines = lines
        self._keys = keys
        self._entries: list[tuple[int, str, str]] = []
        for number, line in enumerate(lines, start=1):
            if line.startswith("//   ") and self._entries:
                last, key, value = self._entries[-1]
                joint = "" if _is_cjk(value[-1]) else " "
                self._entries[-1] = (last, key, value + joint + line[5:].strip())
                continue
            match = _LINE.fullmatch(line)
            if match is None:
                raise self._fault(number, "expected `// key: value`")
            key = match["key"]
            if key not in keys:
                raise self._fault(number, f"unknown key {key}")
            if (match["colon"] == ":") == (key in {"param", "returns", "keep", "signal"}):
                raise self._fault(number, f"{key} takes {'no ' if match['colon'] else 'a '}colon")
            self._entries.append((number, key, match["value"].strip()))
        self._check_keys()

    def error(self, key: str, detail: str) -> QueryError:
        return self._fault(next((line for line, name, _ in self._entries if name == key), 1), detail)

    def many(self, key: str) -> Iterator[tuple[int, str]]:
        return ((line, value) for line, name, value in self._entries if name == key)

    def one(self, key: str) -> tuple[int, str]:
        return next(self.many(key))

    def identity(self, key: str) -> str:
        line, value = self.one(key)
        if not _IDENTITY.fullmatch(value):
            raise self._fault(line, f"{key} {value!r} is not snake_case")
        return value

    def integer(self, key: str) -> int:
        line, value = self.one(key)
        if not value.isdecimal():
            raise self._fault(line, f"{key} is a whole number")
        return int(value)

    def choice(self, key: str, allowed: Collection[str]) -> str:
        line, value = self.one(key)
        if value not in allowed:
            raise self._fault(line, f"{key} is one of {', '.join(allowed)}")
        return value

    def bilingual(self, key: str) -> Text:
        return Text(self.one(f"{key}.zh")[1], self.one(f"{key}.en")[1])

    def bilinguals(self, key: str) -> tuple[Text, ...]:
        zh, en = list(self.many(f"{key}.zh")), list(self.many(f"{key}.en"))
        if len(zh) != len(en):
            raise self._fault(zh[0][0], f"{key}.zh and {key}.en must say the same number of things")
        return tuple(Text(a, b) for (_, a), (_, b) in zip(zh, en, strict=True))

    def listed(self, key: str, separator: str = ",") -> tuple[str, ...]:
        return tuple(part.strip() for _, value in self.many(key) for part in value.split(separator) if part.strip())

    def param(self, line: int, value: str) -> Param:
        match = self._match(_PARAM, line, value, "name: type = default -- reason")
        kind = _TYPES[match["type"]]
        text = match["default"]
        if kind is bool:
            if text not in {"true", "false"}:
                raise self._fault(line, f"parameter {match['name']}: true or false")
            return Param(match["name"], text == "true", match["reason"])
        try:
            return Param(match["name"], kind(text), match["reason"])
        except ValueError:
            raise self._fault(line, f"parameter {match['name']}: {text!r} is not {match['type']}") from None

    def returned(self, line: int, value: str) -> Returned:
        match = self._match(_RETURNS, line, value, "alias as role")
        returned = Returned(match["alias"], match["role"])
        if not returned.stem or not match["alias"].endswith(("_id", "_ids")):
            raise self._fault(line, f"{returned.alias} does not name ids: [prefix_]<kind>_id or _ids")
        return returned

    def kept(self, line: int, value: str, params: tuple[Param, ...]) -> Keep:
        match = self._match(_KEEP, line, value, "value >= param -- reason")
        if match["param"] not in {param.name for param in params}:
            raise self._fault(line, f"parameter {match['param']} is not declared")
        return Keep(match["value"], match["sign"], match["param"], match["reason"])

    def grows(self, line: int, value: str) -> Grows:
        match = self._match(_SIGNAL, line, value, "measure = weight -- reason")
        if match["measure"] not in (*COUNTED, *TESTED):
            raise self._fault(line, f"unknown measure {match['measure']}")
        return Grows(match["measure"], float(match["weight"]), match["reason"])

    def line_of_param(self, name: str) -> int:
        return next((line for line, value in self.many("param") if value.startswith(f"{name}:")), 1)

    def _match(self, pattern: re.Pattern[str], line: int, value: str, form: str) -> re.Match[str]:
        match = pattern.fullmatch(value)
        if match is None:
            raise self._fault(line, f"expected `{form}`")
        return match

    def _check_keys(self) -> None:
        order = list(self._keys)
        names = [key for _, key, _ in self._entries]
        missing = [key for key, optional in self._keys.items() if not optional and key not in names]
        if missing:
            raise self._fault(max(len(self.lines), 1), f"the key {missing[0]} is missing")
        previous = ""
        for line, key, _ in self._entries:
            bare = key.removesuffix(".zh").removesuffix(".en")
            if key == previous and key not in REPEATED:
                raise self._fault(line, f"the key {key} occurs twice")
            turned_back = previous and order.index(key) < order.index(previous)
            # Pairs of languages may alternate: zh, en, zh, en.
            if turned_back and not (bare == previous.removesuffix(".en") and key in REPEATED):
                raise self._fault(line, f"the key {key} stands after {previous}; the order is fixed")
            previous = key

    def _fault(self, line: int, detail: str) -> QueryError:
        return QueryError(f"{self.file}, line {line}: {detail}", "see the header grammar in docs/detectors.md")


def _is_cjk(character: str) -> bool:
    return ord(character) > 0x2E7F

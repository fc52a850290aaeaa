"""Alias map, code tables and lists: packaged as data, overridable by a folder of the site.

A site folder may hold `codes.csv` (rows replace or add to those of equal table and code), `aliases.csv` (added),
`placeholder_phones.csv` and `unknown_doctors.csv` (added), `resale_prone.csv` (replaces the packaged list), or the
same in one `overrides.toml`.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from graphaudit.errors import ConfigurationError

_HEADERS = {
    "codes": ("table", "code", "names", "meaning"),
    "aliases": ("column", "alias"),
    "placeholder_phones": ("phone", "note"),
    "unknown_doctors": ("code",),
    "resale_prone": ("code_prefix", "name", "note"),
}
_NEXT_STEP = "compare it with the packaged file of the same name; the headers are described in docs/loaders.md"

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class CodeTable:
    """Values of one code table: code → (names, meaning)."""

    name: str
    values: Mapping[str, tuple[tuple[str, ...], str]]

    @property
    def width(self) -> int:
        """Digits of the shortest code: shorter numbers have lost leading zeros."""
        return min((len(code) for code in self.values), default=0)

    @property
    def codes_by_name(self) -> dict[str, str]:
        """The first code that carries each name."""
        found: dict[str, str] = {}
        for code, (names, _) in self.values.items():
            for name in names:
                found.setdefault(name, code)
        return found


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything about the platform's values that is data and not code."""

    codes: Mapping[str, CodeTable]
    aliases: Mapping[str, tuple[str, ...]]
    placeholder_phones: tuple[str, ...]
    unknown_doctors: tuple[str, ...]
    resale_prone: tuple[tuple[str, str], ...]

    def code_table(self, name: str) -> CodeTable:
        """The code table `name`; an empty one when nobody declares it, so that its values stay as they are."""
        return self.codes.get(name, CodeTable(name, {}))


def read_knowledge(overrides: Path | None = None) -> Knowledge:
    """Packaged data with the site's overrides applied. ConfigurationError names the file and line at fault."""
    rows = {name: _packaged(name) for name in _HEADERS}
    if overrides is not None:
        if not overrides.is_dir():
            raise ConfigurationError(f"{overrides}: no such folder of overrides", "create it or leave the setting out")
        for name, added in _site_rows(overrides).items():
            rows[name] = added if name == "resale_prone" else rows[name] + added
    return Knowledge(
        codes=_code_tables(rows["codes"]),
        aliases=_grouped((row["column"], row["alias"]) for row in rows["aliases"]),
        placeholder_phones=tuple(sorted({row["phone"] for row in rows["placeholder_phones"]})),
        unknown_doctors=tuple(sorted({row["code"].upper() for row in rows["unknown_doctors"]})),
        resale_prone=tuple(sorted({(row["code_prefix"], row["name"]) for row in rows["resale_prone"]})),
    )


def _packaged(name: str) -> list[Row]:
    text = files("loaders.nhsa").joinpath("data", f"{name}.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def _site_rows(folder: Path) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for name, header in _HEADERS.items():
        path = folder / f"{name}.csv"
        if path.exists():
            found[name] = _read_csv(path, header)
    path = folder / "overrides.toml"
    if path.exists():
        for name, rows in _read_toml(path).items():
            found[name] = found.get(name, []) + rows
    return found


def _read_csv(path: Path, header: tuple[str, ...]) -> list[Row]:
    try:
        reader = csv.DictReader(path.read_text("utf-8-sig").splitlines())
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: not UTF-8 text", "save the file as UTF-8") from error
    mandatory = header[:1] if "note" in header else header[:2]
    missing = [name for name in mandatory if name not in (reader.fieldnames or ())]
    if missing:
        raise ConfigurationError(f"{path}, line 1: column {missing[0]} is missing", _NEXT_STEP)
    rows = [{name: (row.get(name) or "").strip() for name in header} for row in reader]
    for line, row in enumerate(rows, start=2):
        if not any(row.values()):
            raise ConfigurationError(f"{path}, line {line}: an empty row", _NEXT_STEP)
    return rows


def _read_toml(path: Path) -> dict[str, list[Row]]:
    try:
        document: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: {error}", _NEXT_STEP) from error
    unknown = sorted(set(document) - set(_HEADERS))
    if unknown:
        raise ConfigurationError(f"{path}: unknown section {unknown[0]}", _NEXT_STEP)
    rows: dict[str, list[Row]] = {}
    try:
        for table, values in document.get("codes", {}).items():
            rows.setdefault("codes", []).extend(
                {"table": table, "code": code, "names": value["names"], "meaning": value.get("meaning", "")}
                for code, value in values.items()
            )
        for column, aliases in document.get("aliases", {}).items():
            rows.setdefault("aliases", []).extend({"column": column, "alias": alias} for alias in aliases)
        for phone in document.get("placeholder_phones", ()):
            rows.setdefault("placeholder_phones", []).append({"phone": phone, "note": ""})
        for code in document.get("unknown_doctors", ()):
            rows.setdefault("unknown_doctors", []).append({"code": code})
        for drug in document.get("resale_prone", ()):
            prefix, name = drug.get("code_prefix", ""), drug.get("name", "")
            rows.setdefault("resale_prone", []).append({"code_prefix": prefix, "name": name, "note": ""})
    except (AttributeError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{path}: a value has the wrong shape ({error})", _NEXT_STEP) from error
    return rows


def _code_tables(rows: list[Row]) -> dict[str, CodeTable]:
    values: dict[str, dict[str, tuple[tuple[str, ...], str]]] = {}
    for row in rows:
        names = tuple(name for name in row["names"].split("|") if name)
        values.setdefault(row["table"], {})[row["code"]] = (names, row["meaning"])
    return {table: CodeTable(table, found) for table, found in values.items()}


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    grouped: dict[str, list[str]] = {}
    for key, value in pairs:
        grouped.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in grouped.items()}

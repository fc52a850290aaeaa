"""Match the headers of a file to the declared columns: case, underscores and aliases do not matter."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from loaders.declaration import Kind, Source

_SHOWN = re.compile(
    r"(?!.*\d{6})(?:[A-Za-z_][\w.-]*|.*(?:ID|编|号|码|名称|姓名|类|型|日期|时间|年|额|费|标志|状态|地址|区划|电话|证|等级|数|性别"
    r"|科室|诊断|医师|单位|机构|支付|原因|凭证|备注|床|险).*)",
    re.ASCII,
)
_LONGEST = 40
_IGNORED = re.compile(r"[\s_\-\"'`\ufeff]+")


@dataclass(frozen=True, slots=True)
class HeaderMatch:
    """Positions of the declared fields, of the name twins of coded ones, and what was not recognised."""

    columns: Mapping[str, int]
    twins: Mapping[str, int]
    unknown: tuple[str, ...]


def plain(header: str) -> str:
    """A header without case, underscores, quotes or table prefix: SETL_ID, setlId and t.setl_id are one."""
    return _IGNORED.sub("", header.rsplit(".", 1)[-1]).lower()


def match_headers(source: Source, header: Sequence[str], aliases: Mapping[str, Sequence[str]]) -> HeaderMatch:
    """Match `header` to the fields of `source`.

    A field's own name wins over its table's aliases, these over the alias map, this over the Chinese name; a header
    serves one field only. A repeated header counts as unknown from its second occurrence on.
    """
    positions: dict[str, int] = {}
    for position, name in enumerate(header):
        positions.setdefault(plain(name), position)
    columns: dict[str, int] = {}
    taken: set[int] = set()
    spellings = (
        lambda field: (field.name,),
        lambda field: field.aliases,
        lambda field: tuple(aliases.get(field.name, ())),
        lambda field: (field.zh,),
    )
    for spelling in spellings:
        for field in source.fields:
            if field.name in columns:
                continue
            for name in spelling(field):
                found = positions.get(plain(name))
                if found is not None and found not in taken:
                    columns[field.name] = found
                    taken.add(found)
                    break
    twins: dict[str, int] = {}
    for field in source.fields:
        found = positions.get(plain(f"{field.name}_name"))
        if field.kind is Kind.CODE and found is not None and found not in taken:
            twins[field.name] = found
            taken.add(found)
    unknown = tuple(name.strip() for position, name in enumerate(header) if position not in taken)
    return HeaderMatch(columns, twins, unknown)


def shown_header(name: str) -> str:
    """A header as a message may show it: what could be a cell is masked, for a file may lack its header line."""
    return name if len(name) <= _LONGEST and _SHOWN.fullmatch(name) else "***"


def missing_columns(source: Source, matches: Sequence[HeaderMatch]) -> list[str]:
    """Required columns that the files of one table lack, groups of alternatives as one entry."""
    missing = []
    for match in matches:
        delivered = {*match.columns, *match.twins}
        groups = [(field.name,) for field in source.fields if field.required] + list(source.one_of)
        missing += [" or ".join(group) for group in groups if not delivered.intersection(group)]
    return list(dict.fromkeys(missing))


def nearest(name: str, header: Sequence[str]) -> list[str]:
    """Headers that look most like the wanted name."""
    by_plain = {plain(found): found.strip() for found in header}
    close = [
        match for part in name.split(" or ") for match in get_close_matches(plain(part), by_plain, n=3, cutoff=0.6)
    ]
    return [by_plain[match] for match in dict.fromkeys(close)]

"""The page of source tables and columns in docs/, rendered from the declarations: `python -m loaders.columns_page`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence

from loaders.declaration import Field, Kind, Source
from loaders.nhsa.catalog import SOURCES
from loaders.nhsa.knowledge import read_knowledge

PAGE = "source-columns.md"

_OPENING = """# Source columns · 来源表与列

Every table and column that a load reads. This page is generated from the declarations in `loaders/nhsa/` by
`python -m loaders.columns_page`; change the declarations, not the page. What it all means stands in
[loaders.md](loaders.md).

本页由 `loaders/nhsa/` 中的声明自动生成;各项含义见 [loaders.md](loaders.md)。

- **needed**: without the column the table cannot be used, and a row whose cell is empty is rejected; *one of* names
  alternatives of which each row needs one. Every other column may be missing.
- **read as**: `id` text that is never a number · `code` a value of the code table of that name · `money` yuan ·
  `number` · `time` a date, with or without a clock · `flag` yes or no · `text`. With *strict*, a cell that cannot be
  understood rejects its row; otherwise it is left blank and counted.
- **also called**: other headers that are taken for it, besides its Chinese name and any spelling with capitals or
  without underscores.
- *personal* values are masked wherever they are shown.
"""


def page() -> str:
    """The whole page."""
    return "\n".join(_page(SOURCES, read_knowledge().aliases)) + "\n"


def _page(sources: Sequence[Source], aliases: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    yield _OPENING
    yield "| Table | 中文 | Needed | Feeds |"
    yield "|---|---|---|---|"
    for source in sources:
        needed = "the load" if source.mandatory else ""
        fed = ", ".join(f"`{name}`" for name in source.produces)
        yield f"| [`{source.name}`](#{source.name}) | {source.zh} | {needed} | {fed} |"
    for source in sources:
        yield f'\n<a id="{source.name}"></a>\n\n## {source.name} · {source.zh}\n'
        yield from _rules(source)
        yield "| Column | 中文 | Read as | Needed | Also called |"
        yield "|---|---|---|---|---|"
        for field in source.fields:
            others = dict.fromkeys((*field.aliases, *aliases.get(field.name, ())))
            called = ", ".join(f"`{name}`" for name in others)
            yield f"| `{field.name}` | {field.zh} | {_read_as(field)} | {_needed(source, field)} | {called} |"


def _rules(source: Source) -> Iterator[str]:
    if source.key:
        yield f"- one row per {' and '.join(f'`{name}`' for name in source.key)}"
    for title, rules in (("set aside", source.aside), ("rejected", source.impossible), ("noted", source.doubtful)):
        yield from (f"- {title}: {rule.name} · {rule.zh}" for rule in rules)
    yield ""


def _read_as(field: Field) -> str:
    kind = f"code `{field.code}`" if field.kind is Kind.CODE else field.kind.value
    return kind + (", strict" if field.strict else "") + (", *personal*" if field.personal else "")


def _needed(source: Source, field: Field) -> str:
    if field.required:
        return "yes"
    for group in source.one_of:
        if field.name in group:
            return "one of " + ", ".join(f"`{name}`" for name in group)
    return ""


if __name__ == "__main__":
    sys.stdout.write(page())

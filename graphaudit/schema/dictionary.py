"""The data dictionary in docs/, rendered from the declaration: `python -m graphaudit.schema.dictionary`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from graphaudit.generated_pages import table_cell, write_or_check
from graphaudit.schema.declaration import NodeType, Property, RelationshipType
from graphaudit.schema.graph import NODES, RELATIONSHIPS

PAGE = "data-dictionary.md"

OPENING = """# Data dictionary · 数据字典

Every node, relationship and property of the graph. This page is generated from the declaration in `graphaudit/schema/`
by `make docs`; change the declaration, not the page.

- Amounts are whole fen (分), one hundredth of a yuan. Times are local; `…_s` is the same moment as seconds since 1970,
  `day` the days since 1970, for queries that calculate.
- Properties marked *personal* are keyed pseudonyms of something that identifies a person: equal values belong together
  within one site and say nothing outside it. They never stand in a log or an error message.
- An empty value means that the source did not say; a number without a unit is a code, a rank, a year or a share.

本页由 `graphaudit/schema/` 中的声明自动生成。金额单位为分；时间为当地时间；标为 personal 的属性是以本地密钥生成的假名。
"""


def pages(
    nodes: Sequence[NodeType] = NODES, relationships: Sequence[RelationshipType] = RELATIONSHIPS
) -> dict[str, str]:
    """Text of every generated page by its name below docs/."""
    return {PAGE: "\n".join(_page(nodes, relationships))}


def _page(nodes: Sequence[NodeType], relationships: Sequence[RelationshipType]) -> Iterator[str]:
    yield OPENING
    yield "## Nodes · 节点\n"
    yield "| Label | 中文 | Key | What it is |"
    yield "|---|---|---|---|"
    for node in nodes:
        yield f"| [`{node.label}`](#{_anchor(node.label)}) | {node.zh} | `{node.key.name}` | {table_cell(node.about)} |"
    yield "\n## Relationships · 关系\n"
    yield "| Type | 中文 | Drawn | What it says |"
    yield "|---|---|---|---|"
    for relationship in relationships:
        link = f"[`{relationship.name}`](#{_anchor(relationship.name)})" if relationship.properties else ""
        name = link or f"`{relationship.name}`"
        drawn = table_cell(f"`{_drawn(relationship)}`")
        about = table_cell(relationship.about) + _multiplicity(relationship)
        yield f"| {name} | {relationship.zh} | {drawn} | {about} |"
    yield "\n## Properties of nodes · 节点属性"
    for node in nodes:
        yield f'\n<a id="{_anchor(node.label)}"></a>\n\n### {node.label} · {node.zh}\n'
        yield f"{node.about}\n"
        yield from _table(node.all_properties, node.key)
    yield "\n## Properties of relationships · 关系属性"
    for relationship in relationships:
        if relationship.properties:
            yield f'\n<a id="{_anchor(relationship.name)}"></a>\n\n### {relationship.name} · {relationship.zh}\n'
            yield f"{relationship.about}\n"
            yield from _table(relationship.properties)
    yield ""


def _table(properties: Sequence[Property], key: Property | None = None) -> Iterator[str]:
    yield "| Property | 中文 | Kind | Unit | Marks | Meaning |"
    yield "|---|---|---|---|---|---|"
    for p in properties:
        marks = [
            mark
            for mark, holds in (("key", p is key), ("personal", p.personal), ("indexed", p.indexed and p is not key))
            if holds
        ]
        yield f"| `{p.name}` | {p.zh} | {p.kind} | {p.unit} | {', '.join(marks)} | {table_cell(p.about)} |"


def _drawn(relationship: RelationshipType) -> str:
    starts, ends = (f"(:{'|'.join(node.label for node in side)})" for side in (relationship.starts, relationship.ends))
    return f"{starts}-[:{relationship.name}]->{ends}"


def _multiplicity(relationship: RelationshipType) -> str:
    return "" if relationship.many else " At most one from each start."


def _anchor(name: str) -> str:
    return name.lower().replace("_", "-")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages, or with --check say which differ; 0 when all is well, 1 when a page differs or has no place."""
    return write_or_check("python -m graphaudit.schema.dictionary", __doc__, pages(), arguments)


if __name__ == "__main__":
    sys.exit(main())

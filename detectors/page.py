"""The detector catalogue in docs/, rendered from the detectors themselves: `python -m detectors.page`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from detectors import grammar
from detectors.base import Detector, DetectorSpec, Value
from detectors.catalog import DETECTORS
from detectors.pattern import PatternDetector
from detectors.violations import VIOLATIONS
from graphaudit.cypher_text import words_of
from graphaudit.findings import Text
from graphaudit.generated_pages import table_cell, write_or_check
from graphaudit.leads.patterns import NAMES
from graphaudit.queries import QuerySpec
from graphaudit.query_spec import TESTED
from graphaudit.schema import relationship

PAGES = {"en": "detectors.md", "zh": "detectors.zh-CN.md"}

_OPENING = Text(
    "# 检测目录\n\n[English](detectors.md)\n\n"
    "产品向每次构建提出的全部问题：依据、参数、零假设、无害的相似情形以及看不到的情形。"
    "本页由 `make docs` 从检测器自动生成；请修改检测器或查询文件，不要修改本页。\n\n"
    "记录只能显示迹象，不能证明任何人的行为：每条线索都须经核查。数据不能满足“所需数据”时，检测跳过并给出原因。"
    "参数的理由以英文书写。\n",
    "# Detectors\n\n[中文](detectors.zh-CN.md)\n\n"
    "Every question that the product asks of a build: on what grounds, with which parameters, against what chance, which "
    "innocents look alike, and what it cannot see. This page is generated from the detectors by `make docs`; change the "
    "detector or the query file, not the page.\n\n"
    "Records show indicators and prove nothing about anybody: every lead is for a check. Where a build does not deliver what "
    "a detector needs, it is skipped and the reason shown.\n",
)
#: Headings and fixed words.
_WORDS: dict[str, Text] = {
    "overview": Text("| 检测 | 标题 | 模式 | 证据 | 状态 |", "| Detector | Title | Pattern | Evidence | Status |"),
    "about": Text("模式：{pattern}（`{id}`）", "Pattern: {pattern} (`{id}`)"),
    "kind": Text("证据种类", "Kind of evidence"),
    "version": Text("版本", "version"),
    "chance": Text("零假设", "Null model"),
    "exact": Text("确定性规则，不作偶然性检验。", "An exact rule: nothing is held against chance."),
    "tested": Text("关系 `{name}`（{zh}）在派生时检验。", "`{name}` is tested when it is derived: {about}"),
    "parameters": Text("参数", "Parameters"),
    "parameter_head": Text("| 名称 | 类型 | 默认值 | 理由 |", "| Name | Type | Default | Why |"),
    "keep": Text("保留条件", "Kept when"),
    "grows": Text("证据随之增长（每翻一倍的奈特数）", "Evidence grows with (nats for every doubling)"),
    "benign": Text("无害的相似情形", "Innocent look-alikes"),
    "weighs": Text("按登记信息权衡的解释", "Causes weighed by what the registers say"),
    "misses": Text("看不到的情形", "What it misses"),
    "clears": Text("可以排除疑点的材料", "What would clear it"),
    "needs": Text("所需数据", "Needs"),
    "engine": Text("所需图数据库能力", "Needs of the graph store"),
    "legal": Text("法律依据", "Legal basis"),
    "references": Text("参考文献", "References"),
    "query": Text("查询", "The query"),
    "violations": Text("工作计划所列违规行为", "The violations that work plans name"),
    "violation_head": Text(
        "| 违规行为 | 由哪些检测发现 | 结算数据中看不到的、原因及可显示的材料 |",
        "| Violation | Looked for by | Not visible in settlements, why, and what would show it |",
    ),
    "nothing": Text("不可见", "not visible"),
    "or": Text("或", " or "),
    "colon": Text("：", ": "),
    "stop": Text("；", "; "),
}
_CAUSES: dict[str, Text] = {
    "household": Text("同户", "one household"),
    "shared_address": Text("同一住址或养老机构", "one address, or a registered nursing home"),
    "employer": Text("同一单位或学校", "one employer or school"),
    "agent": Text("同一登记代办人", "one registered agent"),
    "passed_desks": Text("案件经手人与其他案件无异", "desks that took these cases as they took the others"),
    "many_houses": Text("住院分散于多家机构", "stays at as many houses as anybody's"),
    "next_door": Text("距就诊机构最近的药店", "the pharmacy nearest to where the visit was"),
    "ordinary_fills": Text("随诊购药无异常、价格相当", "purchases after visits as ordinary, and as dear, as others'"),
}


def pages(detectors: Sequence[Detector] = DETECTORS) -> dict[str, str]:
    """Text of both pages by their names below docs/."""
    return {name: "\n".join(_page(detectors, language)) for language, name in PAGES.items()}


def _page(detectors: Sequence[Detector], language: str) -> Iterator[str]:
    yield getattr(_OPENING, language)
    yield _word("overview", language)
    yield "|---|---|---|---|---|"
    for each in detectors:
        spec = each.spec
        title, pattern = getattr(spec.title, language), getattr(NAMES[spec.pattern].name, language)
        yield f"| [`{spec.id}`](#{spec.id}) | {table_cell(title)} | {table_cell(pattern)} | `{spec.kind}` | {spec.status} |"
    yield ""
    yield from _violations(language)
    for each in detectors:
        yield from _detector(each.spec, each.query if isinstance(each, PatternDetector) else None, language)
    yield from grammar.section(language)


def _violations(language: str) -> Iterator[str]:
    yield f'<a id="violations"></a>\n\n## {_word("violations", language)}\n'
    yield _word("violation_head", language)
    yield "|---|---|---|"
    for one in VIOLATIONS:
        by = " ".join(f"[`{name}`](#{name})" for name in one.detectors) or _word("nothing", language)
        unseen = "" if one.unseen is None else table_cell(getattr(one.unseen, language))
        yield f"| {table_cell(getattr(one.name, language))} | {by} | {unseen} |"
    yield ""


def _detector(spec: DetectorSpec, query: QuerySpec | None, language: str) -> Iterator[str]:
    colon = _word("colon", language)
    yield f'<a id="{spec.id}"></a>\n\n## {getattr(spec.title, language)}\n'
    pattern = _word("about", language).format(pattern=getattr(NAMES[spec.pattern].name, language), id=spec.pattern)
    kind = f"{_word('kind', language)}{colon}`{spec.kind}`"
    yield f"`{spec.id}` · {_word('version', language)} {spec.version} · {spec.status} · {pattern} · {kind}\n"
    yield f"> {getattr(spec.question, language)}\n"
    yield f"**{_word('chance', language)}**{colon}{_chance(spec, query, language)}\n"
    if spec.params:
        yield f"**{_word('parameters', language)}**\n"
        yield _word("parameter_head", language)
        yield "|---|---|---|---|"
        for param in spec.params:
            kind = type(param.default).__name__
            yield f"| `{param.name}` | {kind} | `{_shown(param.default)}` | {table_cell(param.reason)} |"
        yield ""
    if query is not None:
        yield from _rules(query, language)
    yield from _points("benign", [getattr(text, language) for text in spec.benign], language)
    if query is not None and query.weighs:
        causes = [getattr(_CAUSES[name], language) for name in query.weighs]
        yield f"**{_word('weighs', language)}**{colon}{_word('stop', language).join(causes)}\n"
    yield from _points("misses", [getattr(text, language) for text in spec.misses], language)
    if query is not None:
        yield f"**{_word('clears', language)}**{colon}{getattr(query.clears, language)}\n"
    needs = [_word("or", language).join(f"`{name}`" for name in need.split("|")) for need in spec.needs]
    for key, said in (
        ("needs", needs),
        ("engine", [f"`{name}`" for name in spec.needs_engine]),
        ("legal", list(spec.legal_basis)),
        ("references", list(spec.references)),
    ):
        if said:
            yield f"**{_word(key, language)}**{colon}{_word('stop', language).join(said)}\n"
    if query is not None:
        yield f"**{_word('query', language)}** (`cypher/patterns/{query.id}.cypher`)\n"
        yield f"```cypher\n{query.body.rstrip()}\n```\n"


def _rules(query: QuerySpec, language: str) -> Iterator[str]:
    if query.keep:
        yield from _points("keep", [f"`{rule.value} {rule.sign} {rule.param}`" for rule in query.keep], language)
    grows = [f"`{signal.measure}` × {signal.weight:g} — {signal.reason}" for signal in query.signals]
    yield from _points("grows", grows, language)


def _chance(spec: DetectorSpec, query: QuerySpec | None, language: str) -> str:
    if spec.null_model is not None:
        return str(getattr(spec.null_model, language))
    words = set(words_of(query.body)) if query is not None else set()
    tested = [relationship(name) for name in TESTED if name in words]
    if not tested:
        return _word("exact", language)
    text = _word("tested", language)
    return " ".join(text.format(name=one.name, zh=one.zh, about=one.about) for one in tested)


def _points(key: str, points: Sequence[str], language: str) -> Iterator[str]:
    if points:
        yield f"**{_word(key, language)}**\n"
        yield "\n".join(f"- {point}" for point in points) + "\n"


def _word(key: str, language: str) -> str:
    return str(getattr(_WORDS[key], language))


def _shown(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages, or with --check say which differ; 0 when all is well, 1 when a page differs or has no place."""
    return write_or_check("python -m detectors.page", __doc__, pages(), arguments)


if __name__ == "__main__":
    sys.exit(main())

"""The header grammar of a .cypher file in both languages: the section of the catalogue that query errors point to."""

from __future__ import annotations

from collections.abc import Iterator

from graphaudit.findings import PATTERNS, Text
from graphaudit.query_header import KEYS, REPEATED
from graphaudit.query_spec import COUNTED, JOINING, STEMS, TESTED, WEIGHED

#: What a key is for; the two languages of a key share one entry.
MEANING: dict[str, Text] = {
    "id": Text("文件名（不含扩展名），snake_case", "the file's name without its suffix, in snake_case"),
    "version": Text("整数，语义改变时加一", "a whole number, one more whenever the meaning changes"),
    "pattern": Text("违规模式：{patterns}", "what a finding may be about: {patterns}"),
    "kind": Text("证据种类，snake_case", "the sort of evidence, in snake_case"),
    "title": Text("中性标题", "a neutral title"),
    "status": Text("draft、trial、stable 或 retired（停用）", "draft, trial, stable or retired (does not run)"),
    "question": Text("查询回答的问题", "the question that the query answers"),
    "param": Text(
        "`name: type = default -- reason`；type 为 int、float、str 或 bool",
        "`name: type = default -- reason`; the type is int, float, str or bool",
    ),
    "returns": Text(
        "`alias as role`，按最后一个 RETURN 的顺序；alias 为 `[前缀_]<种类>_id` 或 `_ids`，种类：{stems}",
        "`alias as role`, in the order of the last RETURN; the alias is `[prefix_]<kind>_id` or `_ids` with one of the "
        "kinds {stems}",
    ),
    "joins": Text(
        "共有此类成员的行合并为一条发现：{joining}",
        "rows that share a member of this kind become one finding: {joining}",
    ),
    "keep": Text(
        "`value >= param -- reason`（或 `<=`）：由列式表计算的值须满足的条件；可用：{counted}",
        "`value >= param -- reason` (or `<=`): what a value computed from the tables must satisfy; values: {counted}",
    ),
    "signal": Text(
        "`measure = weight -- reason`：measure 每翻一倍增加 weight 奈特证据；可用上述值，或检验关系 {tested} 的对数似然比之和",
        "`measure = weight -- reason`: nats of evidence for every doubling of the measure: one of the values above, or "
        "the summed log-likelihood ratio of a tested relationship, {tested}",
    ),
    "text": Text(
        "线索中的句子，`{{值}}` 处填入计算值", "the sentence in a lead; `{{value}}` stands for a computed value"
    ),
    "clears": Text("何种材料可以排除疑点", "what would clear the group"),
    "weighs": Text("与证据竞争的无害解释：{weighed}", "innocent causes held against the evidence: {weighed}"),
    "benign": Text("无害的相似情形；夹具中须逐一出现", "innocent look-alikes; each must occur in the fixture"),
    "misses": Text("查询看不到的情形", "what the query cannot see"),
    "legal": Text("法律依据，以分号分隔", "legal basis, separated by semicolons"),
    "references": Text("参考文献，以分号分隔", "references, separated by semicolons"),
    "threshold-reason": Text("对全部阈值的说明", "a remark on the thresholds as a whole"),
    "needs": Text(
        "所需的规范表或 `table.column`，以逗号分隔，`|` 表示任一；缺少时跳过并说明原因",
        "canonical tables or `table.column`, separated by commas, alternatives by `|`; where they are missing the "
        "query is skipped and the reason shown",
    ),
    "needs-engine": Text("所需的图数据库能力", "features that the graph store must have"),
}

_INTRODUCTION = Text(
    "`cypher/patterns/` 中一个文件即一个问题。文件开头的 `//` 行是文件头，键的顺序固定；以 `//` 加至少三个空格开头的行接续上一行。"
    "空行之后是查询正文，原样执行。查询只返回编号：人数、金额、日期一律由列式表按返回的结算编号计算。"
    "新增问题 = 一个文件加 `tests/patterns/<id>/` 下的 `graph.yml` 与 `expected.yml`，不写 Python。",
    "One file of `cypher/patterns/` is one question. The `//` lines at its top are the header, with keys in a fixed order; "
    "a line that starts with `//` and at least three spaces goes on where the previous one ended. What follows the empty "
    "line is the query, run as it stands. A query returns ids only: persons, money and days are computed from the tables "
    "over the settlement ids that it returned. A new question is one such file and `graph.yml` and `expected.yml` in "
    "`tests/patterns/<id>/`; no Python is written.",
)
_RULES = (
    Text("值只能以 `$参数` 传入", "values enter as `$parameters` only"),
    Text(
        "标签、关系类型和属性须在[数据字典](data-dictionary.md)中声明",
        "labels, types and properties are those of the [data dictionary](data-dictionary.md)",
    ),
    Text(
        "不写入、不排序，`LIMIT` 须带参数，变长路径须有上限",
        "nothing is written or ordered, `LIMIT` takes a parameter, paths of variable length have an upper bound",
    ),
    Text("每个关系写明方向", "every hop has a direction"),
    Text(
        "一段模式只能通过一个已知变量与前文相连（嵌入式引擎遇到环会丢行）；第二个连接写成编号相等的条件",
        "a chain hangs on one known variable only (the embedded engine loses rows where a cycle closes); the second tie is "
        "an equality of ids in `WHERE`",
    ),
    Text(
        "不用 `type()`、`labels()`、`all()`、`sum()`、`log()`、列表推导、`COUNT {}`、`CALL {}`、`UNION`：两个引擎拒绝或含义不同",
        "no `type()`, `labels()`, `all()`, `sum()`, `log()`, list comprehension, `COUNT {}`, `CALL {}` or `UNION`: an engine "
        "refuses them, or they mean something else there",
    ),
)


def section(language: str) -> Iterator[str]:
    """Lines of the section in `language` (zh or en)."""
    chinese = language == "zh"
    words = {
        "patterns": _listed(PATTERNS, chinese),
        "stems": _listed(STEMS, chinese),
        "joining": _listed(JOINING, chinese),
        "counted": _listed(COUNTED, chinese),
        "tested": _listed(TESTED, chinese),
        "weighed": _listed(WEIGHED, chinese),
    }
    yield '<a id="header-grammar"></a>\n'
    yield ("## 查询文件头的语法" if chinese else "## The header grammar of a query") + "\n"
    yield getattr(_INTRODUCTION, language) + "\n"
    yield "| 键 | 必填 | 可多行 | 含义 |" if chinese else "| Key | Mandatory | Repeatable | What it says |"
    yield "|---|---|---|---|"
    yes, no = ("是", "否") if chinese else ("yes", "no")
    for key in KEYS:
        bare = key.removesuffix(".zh").removesuffix(".en")
        if key.endswith(".en"):
            continue
        name = f"`{bare}.zh`, `{bare}.en`" if bare != key else f"`{key}:`" if _takes_colon(key) else f"`{key}`"
        says = getattr(MEANING[bare], language).format(**words).replace("|", "\\|")
        yield f"| {name} | {no if KEYS[key] else yes} | {yes if key in REPEATED else no} | {says} |"
    yield "\n" + ("正文须遵守：" if chinese else "The body keeps to these rules:") + "\n"
    for rule in _RULES:
        yield f"- {getattr(rule, language)}"
    yield ""


def _takes_colon(key: str) -> bool:
    return key not in {"param", "returns", "keep", "signal"}


def _listed(names: tuple[str, ...], chinese: bool) -> str:
    return ("、" if chinese else ", ").join(f"`{name}`" for name in names)

"""Every violation that the work plans name is looked for, or the catalogue says why it cannot be seen."""

from __future__ import annotations

import re

import pytest

from detectors.catalog import DETECTORS
from detectors.page import PAGES, pages
from detectors.violations import VIOLATIONS, Violation
from graphaudit.errors import ConfigurationError
from graphaudit.findings import Text

#: The work plans' own words, one or more for each row of their list.
NAMED = (
    ("冒名住院", "冒名就医", "转借社保卡", "人卡核对不严"),
    ("挂床住院", "虚假住院"),
    ("分解住院",),
    ("叠床住院",),
    ("诱导住院", "虚假宣传", "减免", "免费体检", "赠送礼品", "返现"),
    ("降低入院标准",),
    ("聚敛盗刷社保卡", "串通刷卡", "套现", "会员卡充值"),
    ("倒卖药品", "耗材", "超量开药", "超量出售"),
    ("串换药品", "耗材", "诊疗项目"),
    ("为非定点医药机构刷卡结算",),
    ("虚增", "虚构医疗服务", "伪造医疗文书和票据"),
    ("重复收费", "分解收费", "超标准收费"),
    ("过度检查", "过度用药", "过度治疗"),
    ("第三人负担费用纳入基金",),
    ("伪造虚假票据报销",),
    ("内部人员监守自盗", "内外勾结", "初审复审未分离", "违规办理待遇"),
    ("死亡", "停保", "欠费后仍享受待遇"),
)


def test_every_named_violation_has_its_row() -> None:
    assert len(VIOLATIONS) == len(NAMED)
    for one, words in zip(VIOLATIONS, NAMED, strict=True):
        assert all(word in one.name.zh for word in words), one.name.zh
        for text in (one.name, one.unseen):
            assert text is None or (text.zh.strip() and not re.search(r"[\u4e00-\u9fff]", text.en))


def test_rows_name_detectors_that_exist_and_every_detector_looks_for_something_named() -> None:
    known = {each.spec.id: each.spec.channel for each in DETECTORS if each.spec.status != "retired"}
    named = {name for one in VIOLATIONS for name in one.detectors}
    assert named <= set(known)
    # the channels with a quota look for what nobody named
    assert {name for name, channel in known.items() if channel == "tested"} <= named


def test_a_row_that_says_neither_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="say what looks for it"):
        Violation(Text("某事", "something"))


@pytest.mark.parametrize(("language", "name"), PAGES.items())
def test_the_catalogue_shows_every_row(language: str, name: str) -> None:
    section = pages()[name].split('<a id="violations"></a>')[1].split("<a id=")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")][1:]
    assert len(rows) == len(VIOLATIONS)
    for one, row in zip(VIOLATIONS, rows, strict=True):
        assert getattr(one.name, language) in row
        assert all(f"(#{detector})" in row for detector in one.detectors)
        assert one.unseen is None or getattr(one.unseen, language) in row

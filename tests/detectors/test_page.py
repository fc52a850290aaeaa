"""The catalogue pages say what the detectors say, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from detectors import grammar
from detectors.catalog import DETECTORS
from detectors.page import PAGES, main, pages
from detectors.pattern import PatternDetector
from graphaudit.query_header import KEYS

languages = pytest.mark.parametrize(("language", "name"), PAGES.items())


def test_pages_in_docs_are_those_that_the_detectors_give(repository: Path) -> None:
    for name, text in pages().items():
        assert (repository / "docs" / name).read_text(encoding="utf-8") == text, f"{name}: run `make docs`"


@languages
def test_a_page_says_everything_about_every_detector(language: str, name: str) -> None:
    page = pages()[name]
    for each in DETECTORS:
        spec = each.spec
        section = page.split(f'<a id="{spec.id}"></a>')[1].split("<a id=")[0]
        said = [spec.title, spec.question, *spec.benign, *spec.misses, *([spec.null_model] if spec.null_model else [])]
        assert all(getattr(text, language) in section for text in said), spec.id
        for param in spec.params:
            assert f"| `{param.name}` |" in section
            assert param.reason.replace("|", "\\|") in section
        assert all(f"`{option}`" in section for need in spec.needs for option in need.split("|"))
        assert all(basis in section for basis in (*spec.legal_basis, *spec.references))
        if isinstance(each, PatternDetector):
            assert f"```cypher\n{each.query.body.rstrip()}\n```" in section
            assert getattr(each.query.clears, language) in section


@languages
def test_a_page_explains_every_key_of_a_header(language: str, name: str) -> None:
    section = pages()[name].split('<a id="header-grammar"></a>')[1]
    assert {key.removesuffix(".zh").removesuffix(".en") for key in KEYS} == set(grammar.MEANING)
    assert all(f"| `{key}" in section or f", `{key}`" in section for key in KEYS)
    assert set(re.findall(r"\{.*?\}", section)) <= {"{}", "{value}", "{值}"}
    assert getattr(grammar.MEANING["misses"], language) in section


def test_pages_are_written_and_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--docs", str(tmp_path), "--check"]) == 1
    assert main(["--docs", str(tmp_path)]) == 0
    assert main(["--docs", str(tmp_path), "--check"]) == 0
    page = tmp_path / PAGES["zh"]
    page.write_text(page.read_text(encoding="utf-8") + "x", encoding="utf-8")
    capsys.readouterr()
    assert main(["--docs", str(tmp_path), "--check"]) == 1
    assert capsys.readouterr().err == f"{page} is out of date: run `make docs`\n"
    assert main(["--docs", str(tmp_path / "absent")]) == 1

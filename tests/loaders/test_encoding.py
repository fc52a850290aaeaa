"""Encodings: found by looking at the whole of a small file and at parts of a large one, and turned into UTF-8."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphaudit.errors import SourceError
from loaders.sources import encoding

TEXT = "setl_id,psn_name\n" + "".join(f"S{n},欧阳若兮{n}\n" for n in range(4000))


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Treat a file of a few kilobytes as a large one, and read it in pieces that cut through characters."""
    monkeypatch.setattr(encoding, "_WHOLE", 1000)
    monkeypatch.setattr(encoding, "_BLOCK", 701)
    monkeypatch.setattr(encoding, "_CHUNK", 7)


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize(("written", "found"), [("utf-8", "utf-8"), ("gbk", "gb18030"), ("utf-16", "utf-16")])
def test_a_large_file_is_recognised_by_its_parts(tmp_path: Path, written: str, found: str) -> None:
    path = tmp_path / "setl_d.csv"
    path.write_bytes(TEXT.encode(written))
    assert encoding.find_encoding(path, "setl_d.csv") == found


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("written", ["gbk", "utf-16"])
def test_a_character_may_lie_across_two_pieces(tmp_path: Path, written: str) -> None:
    path, target = tmp_path / "setl_d.csv", tmp_path / "utf8.csv"
    path.write_bytes(TEXT.encode(written))
    encoding.to_utf8(path, encoding.find_encoding(path, "setl_d.csv"), target)
    assert target.read_text(encoding="utf-8") == TEXT


def test_bytes_that_do_not_decode_are_passed_on_for_the_reader_to_reject(tmp_path: Path) -> None:
    path, target = tmp_path / "setl_d.csv", tmp_path / "utf8.csv"
    path.write_bytes("欧阳,".encode("gbk") + b"\xff" + "若兮\n".encode("gbk"))
    encoding.to_utf8(path, "gb18030", target)
    assert target.read_bytes() == "欧阳,".encode() + b"\xff" + "若兮\n".encode()


@pytest.mark.parametrize("broken", [0, 1])
def test_a_mostly_utf_8_file_is_utf_8_and_gbk_is_not_mistaken_for_it(tmp_path: Path, broken: int) -> None:
    path = tmp_path / "setl_d.csv"
    lines = TEXT.encode().splitlines()
    lines[5:5] = [b"S,\xc4\xe3"] * broken
    path.write_bytes(b"\n".join(lines))
    assert encoding.find_encoding(path, "setl_d.csv") == "utf-8"
    mostly_ascii = ["setl_id,psn_name"] + ["S1,x"] * 500 + ["S2,欧阳"]
    path.write_bytes("\n".join(mostly_ascii).encode("gbk"))
    assert encoding.find_encoding(path, "setl_d.csv") == "gb18030"


def test_a_file_in_no_known_encoding_is_refused_with_the_line_and_a_guess(tmp_path: Path) -> None:
    path = tmp_path / "setl_d.csv"
    path.write_bytes(b"setl_id,psn_name\n" + "S1,André,Ünal,\n".encode("cp1252") * 100)
    with pytest.raises(
        SourceError, match=r"setl_d\.csv, line 2: neither UTF-8 nor GBK text \(it looks like "
    ) as caught:
        encoding.find_encoding(path, "setl_d.csv")
    assert "UTF-8" in caught.value.hint

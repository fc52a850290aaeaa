"""Find out how a delimited file is encoded, and turn other encodings into UTF-8 in a stream."""

from __future__ import annotations

import codecs
from pathlib import Path

from charset_normalizer import from_bytes

from graphaudit.errors import SourceError

_WHOLE = 32 << 20  # files up to this size are examined as a whole
_BLOCK = 1 << 20
_BLOCKS = 24
_CHUNK = 8 << 20
_BROKEN_SHARE = 0.05  # lines that may be broken in an otherwise readable file; each is rejected on its own
_SIGNATURES = {
    b"PK\x03\x04": "a workbook or zip archive",
    b"\xd0\xcf\x11\xe0": "an old workbook",
    b"PAR1": "a Parquet file with a text file's name",
    b"\x1f\x8b": "a gzip archive",
}
UTF_8 = "utf-8"
GB18030 = "gb18030"  # covers GBK and GB2312


def find_encoding(path: Path, name: str) -> str:
    """`utf-8`, `gb18030` or `utf-16` for the delimited file at `path`; SourceError when it is none of them.

    `name` is how the file is called in messages. Small files are examined whole, large ones at blocks spread evenly.
    """
    size = path.stat().st_size
    if size == 0:
        raise SourceError(f"{name}: the file is empty", "export the table again; a header line is needed at least")
    with path.open("rb") as file:
        head = file.read(1 << 16)
    for signature, what in _SIGNATURES.items():
        if head.startswith(signature):
            raise SourceError(f"{name}: this is {what}, not delimited text", "export the table as CSV or Parquet")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\x00" in head:
        position = head.index(b"\x00")
        line = head[:position].count(b"\n") + 1
        raise SourceError(
            f"{name}, line {line}: binary data, not delimited text", "export the table again as CSV (UTF-8) or Parquet"
        )
    lines = _sampled_lines(path, size)
    broken = {UTF_8: _broken_lines(lines, UTF_8)}
    best = UTF_8
    if not _is_mostly_utf_8(lines, broken[UTF_8]):
        broken[GB18030] = _broken_lines(lines, GB18030)
        best = min(broken, key=lambda encoding: len(broken[encoding]))
    if len(broken[best]) > _BROKEN_SHARE * len(lines) or (broken[best] and broken[best][0] == 0):
        raise SourceError(
            f"{name}, line {broken[best][0] + 1}: neither UTF-8 nor GBK text{_guess(lines)}",
            "export the table again as CSV in UTF-8 (or GBK), or as Parquet",
        )
    return best


def _sampled_lines(path: Path, size: int) -> list[bytes]:
    with path.open("rb") as file:
        if size <= _WHOLE:
            return file.read().splitlines()
        lines: list[bytes] = []
        for block in range(_BLOCKS):
            file.seek(block * (size - _BLOCK) // (_BLOCKS - 1))
            # A block may begin and end inside a line (or a character): leave those out.
            sample = file.read(_BLOCK).splitlines()
            lines += sample[:-1] if block == 0 else sample[1:-1]
        return lines


def _is_mostly_utf_8(lines: list[bytes], broken: list[int]) -> bool:
    # GBK takes nearly any pair of bytes, UTF-8 hardly any: text that decodes as UTF-8 line by line is UTF-8, and a few
    # lines that do not are damaged.
    telling = sum(not line.isascii() for line in lines)
    return len(broken) <= _BROKEN_SHARE * telling


def _broken_lines(lines: list[bytes], encoding: str) -> list[int]:
    try:
        b"\n".join(lines).decode(encoding)
    except UnicodeDecodeError:
        return [number for number, line in enumerate(lines) if not _decodes(line, encoding)]
    return []


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _guess(lines: list[bytes]) -> str:
    best = from_bytes(b"\n".join(lines[:2000])).best()
    return f" (it looks like {best.encoding})" if best else ""


def to_utf8(path: Path, encoding: str, target: Path) -> None:
    """Write the file at `path` as UTF-8 to `target`, a chunk at a time.

    Bytes that do not decode are passed on as they are, so that the reader rejects exactly their lines.
    """
    decoder = codecs.getincrementaldecoder(encoding)("surrogateescape" if encoding == GB18030 else "strict")
    with path.open("rb") as file, target.open("wb") as out:
        while chunk := file.read(_CHUNK):
            out.write(decoder.decode(chunk).encode(UTF_8, "surrogateescape"))
        out.write(decoder.decode(b"", final=True).encode(UTF_8, "surrogateescape"))

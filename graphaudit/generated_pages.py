"""Pages of docs/ that are made from declarations: written by `make docs`, held fresh by a test."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


def table_cell(text: str) -> str:
    """Text that cannot break out of a Markdown table's cell."""
    return text.replace("|", "\\|").replace("\n", " ")


def write_or_check(program: str, about: str | None, pages: Mapping[str, str], arguments: Sequence[str] | None) -> int:
    """Write `pages` (text by file name), or with --check say which differ.

    Returns 0 when all is well, 1 when a page differs or there is no folder for it.
    """
    parser = argparse.ArgumentParser(prog=program, description=about)
    parser.add_argument("--docs", type=Path, default=Path("docs"), help="folder of the pages (default: docs)")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a page is out of date")
    options = parser.parse_args(arguments)
    if not options.docs.is_dir():
        sys.stderr.write(f"there is no folder {options.docs}: run it in the checkout, or give --docs\n")
        return 1
    status = 0
    for name, text in pages.items():
        page = options.docs / name
        if not options.check:
            page.write_text(text, encoding="utf-8")
        elif not page.is_file() or page.read_text(encoding="utf-8") != text:
            sys.stderr.write(f"{page} is out of date: run `make docs`\n")
            status = 1
    return status

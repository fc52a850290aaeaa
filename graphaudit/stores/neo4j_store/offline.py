"""The rows of a graph as files for Neo4j's offline import: one dense numbering over all nodes, keys joined in.

With `--id-type=actual` the number in the file is the place in the store, so that the import looks nothing up.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from graphaudit.errors import StoreError
from graphaudit.progress import Progress
from graphaudit.schema import Property
from graphaudit.stores.bulk import Extract
from graphaudit.stores.neo4j_store.statements import BUILD, LOADING, MADE_BY

#: Types in the header of an import file.
IMPORT_KINDS = {
    "string": "string",
    "integer": "long",
    "float": "double",
    "boolean": "boolean",
    "date": "date",
    "datetime": "localdatetime",
}
#: A field is quoted only where it must be; an absent value is nothing at all, an empty string is "".
CSV_FORM = (
    "FORMAT csv, HEADER false, DELIMITER ',', QUOTE '\"', ESCAPE '\"', NULLSTR '', "
    "TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%S.%f', DATEFORMAT '%Y-%m-%d'"
)
#: Fixed options: every row must fit, nothing is trimmed or skipped.
OPTIONS = (
    "--id-type=actual",
    "--bad-tolerance=0",
    "--skip-bad-relationships=false",
    "--skip-duplicate-nodes=false",
    "--ignore-empty-strings=false",
    "--trim-strings=false",
    "--legacy-style-quoting=false",
    "--input-encoding=UTF-8",
    "--high-parallel-io=on",
    # else it keeps to itself why it failed
    "--verbose",
)


@dataclass(slots=True)
class ImportFiles:
    """Files in `folder`, the arguments that name them relative to `base`, and what they were written from."""

    folder: Path
    base: Path
    extracts: list[Extract] = field(default_factory=list)
    nodes: int = 0
    relationships: int = 0
    _files: list[tuple[str, str, Path]] = field(default_factory=list)
    _several_lines: list[Path] = field(default_factory=list)

    def add(self, kind: str, name: str, path: Path, *, several_lines: bool) -> None:
        """Add a file of `nodes` or `relationships`, whose header lies beside it."""
        self._files.append((kind, name, path))
        if several_lines:
            self._several_lines.append(path)

    @property
    def arguments(self) -> list[str]:
        """Arguments of `database import full`, run in `base`."""
        # Relative, since the tool splits at commas and takes what is left for a pattern.
        named = [
            f"--{kind}={name}={self._relative(header_of(path))},{self._relative(path)}"
            for kind, name, path in self._files
        ]
        lines = ",".join(self._relative(path) for path in self._several_lines)
        several = [f"--multiline-fields={lines}", "--multiline-fields-format=v2"] if lines else []
        return [*OPTIONS, *several, *named]

    def _relative(self, path: Path) -> str:
        return str(path.relative_to(self.base))


def header_of(path: Path) -> Path:
    """The file with the header of `path`."""
    return path.with_name(f"{path.stem}.header.csv")


def write_import_files(
    extracts: Generator[Extract, None, None],
    folder: Path,
    base: Path,
    build_id: str,
    progress: Progress,
    *,
    memory_limit_mb: int,
    threads: int,
) -> ImportFiles:
    """Write one file for each of `extracts`, nodes first, below `folder`, and delete the extract.

    StoreError names a key that is missing or an end that is not in the graph, by type and number, never by value.
    """
    files = ImportFiles(folder, base)
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{memory_limit_mb}MB",
        "threads": threads,
        "temp_directory": str(folder / "spill"),
        "preserve_insertion_order": True,
    }
    with duckdb.connect(":memory:", config=config) as connection:
        connection.execute("SET enable_progress_bar = false")
        for extract in extracts:
            progress.advance(1 if files.extracts and files.extracts[-1].name != extract.name else 0, extract.name)
            if extract.start and extract.end:
                _write_relationships(connection, extract, files)
            else:
                _write_nodes(connection, extract, files)
            extract.path.unlink()
            files.extracts.append(extract)
    progress.advance(1)
    _write_build(files, build_id)
    return files


def _write_nodes(connection: duckdb.DuckDBPyConnection, extract: Extract, files: ImportFiles) -> None:
    properties = extract.properties
    key = properties[0].name
    source = f"read_parquet('{_quoted(extract.path)}', file_row_number = true)"
    number = f"file_row_number + {files.nodes}"
    connection.execute(
        f'CREATE TABLE "number_{extract.name}" AS SELECT "{key}" AS node_key, {number} AS node_number FROM {source}'
    )
    found = connection.execute(f'SELECT count(node_key) FROM "number_{extract.name}"').fetchone()
    if found is None or found[0] != extract.rows:
        raise StoreError(
            f"{extract.rows - (found[0] if found else 0):,} of {extract.rows:,} {extract.name} have no key",
            "an id is missing in the build's tables: run the build again from the staging",
        )
    if not extract.rows:
        return
    path = files.folder / f"{extract.name}.csv"
    columns = ", ".join(f'"{p.name}"' for p in properties)
    _copy(connection, f"SELECT {number}, {columns} FROM {source}", path)
    header_of(path).write_text(_header([":ID"], properties), encoding="utf-8")
    files.add("nodes", extract.name, path, several_lines=_has_line_breaks(connection, source, properties))
    files.nodes += extract.rows


def _write_relationships(connection: duckdb.DuckDBPyConnection, extract: Extract, files: ImportFiles) -> None:
    if not extract.rows or extract.start is None or extract.end is None:
        return
    source = f"read_parquet('{_quoted(extract.path)}')"
    path = files.folder / f"{extract.path.stem}.csv"
    columns = "".join(f', r."{p.name}"' for p in extract.properties)
    written = _copy(
        connection,
        f"SELECT a.node_number, b.node_number{columns} FROM {source} AS r "
        f'JOIN "number_{extract.start.label}" AS a ON a.node_key = r.start_key '
        f'JOIN "number_{extract.end.label}" AS b ON b.node_key = r.end_key',
        path,
    )
    if written != extract.rows:
        raise StoreError(
            f"{extract.name}: {extract.rows:,} relationships lead to {written:,} pairs of nodes; "
            "an end is not in the graph, or is there twice",
            "the build's tables do not fit together: run the build again from the staging",
        )
    header_of(path).write_text(_header([":START_ID", ":END_ID"], extract.properties), encoding="utf-8")
    several = _has_line_breaks(connection, source, extract.properties)
    files.add("relationships", extract.name, path, several_lines=several)
    files.relationships += written


def _write_build(files: ImportFiles, build_id: str) -> None:
    """The node that says which build this is; `loading` until everything is verified."""
    path = files.folder / f"{BUILD}.csv"
    # A build id consists of letters, digits, dots, hyphens and underscores: it needs no quoting.
    path.write_text(f"{files.nodes},{build_id},{LOADING},{MADE_BY}\n", encoding="utf-8")
    header_of(path).write_text(":ID,build_id:string,state:string,made_by:string\n", encoding="utf-8")
    files.add("nodes", BUILD, path, several_lines=False)
    files.nodes += 1


def _copy(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    row = connection.execute(f"COPY ({query}) TO '{_quoted(path)}' ({CSV_FORM})").fetchone()
    return int(row[0]) if row else 0


def _header(first: Sequence[str], properties: Sequence[Property]) -> str:
    return ",".join([*first, *(f"{p.name}:{IMPORT_KINDS[p.kind]}" for p in properties)]) + "\n"


def _has_line_breaks(connection: duckdb.DuckDBPyConnection, source: str, properties: Sequence[Property]) -> bool:
    """Whether a text goes over several lines, which the import must be told: it reads such a file more slowly."""
    texts = [p.name for p in properties if p.kind == "string"]
    if not texts:
        return False
    breaks = " OR ".join(f"""contains("{name}", chr(10)) OR contains("{name}", chr(13))""" for name in texts)
    row = connection.execute(f"SELECT EXISTS (SELECT 1 FROM {source} WHERE {breaks})").fetchone()
    return bool(row and row[0])


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")

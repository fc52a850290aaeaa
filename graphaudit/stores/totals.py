"""Compare a written graph with the totals of the rows it was written from; the same for every store."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from graphaudit.errors import StoreError
from graphaudit.schema import NODES
from graphaudit.stores.base import GraphReader
from graphaudit.stores.bulk import Extract
from graphaudit.stores.extract import WRITTEN_WITH_LEADS

AGAIN = "the graph is derived data: run the build again; if it happens twice, check the disk"


def verify(reader: GraphReader, extracts: Sequence[Extract], *, workers: int = 1) -> dict[str, int]:
    """Count every label and type and sum every integer property; the counts, when all agree with `extracts`.

    StoreError names the first that does not. Up to `workers` queries run at once.
    """
    expected: dict[str, tuple[int, dict[str, int]]] = {}
    for extract in extracts:
        rows, sums = expected.setdefault(extract.name, (0, {}))
        for column, total in extract.sums:
            sums[column] = sums.get(column, 0) + total
        expected[extract.name] = (rows + extract.rows, sums)
    held = reader.counts()
    for name, (rows, _) in expected.items():
        if held[name] != rows:
            raise StoreError(f"the graph holds {held[name]} of {rows} {name}", AGAIN)
    labels = {node.label for node in NODES}

    def compare(name: str) -> None:
        _, sums = expected[name]
        totals = ", ".join(f"sum(x.{column}) AS sum_{column}" for column in sums)
        pattern = f"(x:{name})" if name in labels else f"()-[x:{name}]->()"
        found = reader.run(f"MATCH {pattern} RETURN {totals}", {})[0]
        wrong = [column for column, total in sums.items() if int(found[f"sum_{column}"] or 0) != total]
        if wrong:
            raise StoreError(f"the graph's {name}.{wrong[0]} does not add up to that of the tables", AGAIN)

    summed = [name for name, (rows, sums) in expected.items() if rows and sums]
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="verify") as pool:
        # the largest first, so that none is left over in the end; list() raises what a comparison raised
        list(pool.map(compare, sorted(summed, key=lambda name: -expected[name][0] * len(expected[name][1]))))
    return {name: rows for name, (rows, _) in expected.items()} | dict.fromkeys(sorted(WRITTEN_WITH_LEADS), 0)

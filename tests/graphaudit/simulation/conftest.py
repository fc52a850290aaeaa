"""Small worlds, each simulated once for all tests that ask for the same dials."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from graphaudit.simulation import simulate
from graphaudit.simulation.sizes import SIZES
from tests.graphaudit.simulation.delivered import Delivered

SEED = 3

#: The tiny city with as many rings as it takes to have every pattern, and with one that is written in three parts.
EVERY_RING = "tiny-with-every-ring"
IN_PARTS = "tiny-in-parts"
MANY_COMPANIONS = "tiny-with-many-companions"

World = Callable[..., Delivered]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A city with the dials asked for: a tiny one with every ring unless another size is named."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(SIZES, EVERY_RING, replace(SIZES["tiny"], name=EVERY_RING, rings=13, pharmacies=24))
        patched.setitem(SIZES, IN_PARTS, replace(SIZES["tiny"], name=IN_PARTS, block=700))
        many = replace(SIZES["tiny"], name=MANY_COMPANIONS, companion_groups=16, rings=0)
        patched.setitem(SIZES, MANY_COMPANIONS, many)
        made: dict[tuple[Any, ...], Delivered] = {}
        home = tmp_path_factory.mktemp("cities")

        def of(
            size: str = EVERY_RING,
            *,
            seed: int = SEED,
            level: int = 0,
            file_format: str = "csv",
            rings: bool = True,
            **further: Any,
        ) -> Delivered:
            dials = (size, seed, level, file_format, rings, *sorted(further.items()))
            if dials not in made:
                folder: Path = home / f"city{len(made)}"
                truth = simulate(
                    folder,
                    size=size,
                    seed=seed,
                    camouflage=level,
                    file_format=file_format,
                    with_rings=rings,
                    **further,
                )
                made[dials] = Delivered(folder, truth)
            return made[dials]

        yield of


@pytest.fixture(scope="session")
def city(world: World) -> Delivered:
    """A tiny city with every kind of ring, none of them hiding."""
    return world()


@pytest.fixture(scope="session", params=(0, 1, 2))
def hiding(request: pytest.FixtureRequest, world: World) -> Delivered:
    """The same city at each level of camouflage."""
    return world(level=request.param)

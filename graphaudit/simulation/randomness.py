"""Randomness that a seed decides: named streams, draws keyed by numbers, and one-to-one scrambling of numbers."""

from __future__ import annotations

from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Column = NDArray[Any]

_ODD_1 = np.uint64(0x9E3779B97F4A7C15)
_ODD_2 = np.uint64(0xBF58476D1CE4E5B9)
_ODD_3 = np.uint64(0x94D049BB133111EB)


class Streams:
    """Independent generators by name, so that adding a draw in one place changes nothing elsewhere."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def of(self, name: str, index: int = 0) -> np.random.Generator:
        """The generator called `name`; the same name and index always give the same sequence."""
        entropy = np.random.SeedSequence([self.seed, crc32(name.encode()), index])
        return np.random.Generator(np.random.PCG64(entropy))


def _words(values: Column | int) -> Column:
    return np.atleast_1d(np.asarray(values)).astype(np.int64).astype(np.uint64)


def mix(*keys: Column | int) -> Column:
    """A 64-bit hash of the keys, element by element: the same keys give the same draw in any block."""
    state = np.zeros(1, dtype=np.uint64)
    for key in keys:
        state = (state ^ _words(key)) * _ODD_1
        state = state ^ (state >> np.uint64(30))
        state = state * _ODD_2
        state = state ^ (state >> np.uint64(27))
        state = state * _ODD_3
        state = state ^ (state >> np.uint64(31))
    return state


def share(*keys: Column | int) -> Column:
    """A keyed draw from [0, 1)."""
    return (mix(*keys) >> np.uint64(11)).astype(np.float64) * (1.0 / (1 << 53))


def below(bound: Column | int, *keys: Column | int) -> Column:
    """A keyed draw from 0 … bound-1; bounds of 0 give 0."""
    limit = np.maximum(_words(bound), np.uint64(1))
    return (mix(*keys) % limit).astype(np.int64)


def key(*keys: Column | int) -> Column:
    """A keyed positive 62-bit number, to be used as a key of further draws."""
    return (mix(*keys) >> np.uint64(2)).astype(np.int64)


def scramble(numbers: Column, bits: int, salt: int) -> Column:
    """A one-to-one mapping of 0 … 2**bits-1 onto itself, so that neighbours do not look like neighbours."""
    mask = np.uint64((1 << bits) - 1)
    half = np.uint64(bits // 2)
    odd_1 = (mix(salt, 1) | np.uint64(1)) & mask
    odd_2 = (mix(salt, 2) | np.uint64(1)) & mask
    value = (np.asarray(numbers).astype(np.uint64) + mix(salt, 3)) & mask
    value = (value ^ (value >> half)) * odd_1 & mask
    value = (value ^ (value >> half)) * odd_2 & mask
    result: Column = (value ^ (value >> half)).astype(np.int64)
    return result

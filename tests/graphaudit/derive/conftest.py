"""The hand-made city for tests of the derivation."""

from tests.city_builder import city

__all__ = ["city"]

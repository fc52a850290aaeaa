"""The hand-made city for tests of the statistical detectors."""

from tests.city_builder import city

__all__ = ["city"]

"""The hand-made city for tests of the statistical detectors."""

from tests.city_builder import city_on_demand

__all__ = ["city_on_demand"]

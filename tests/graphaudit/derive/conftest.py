"""The hand-made city for tests of the derivation: what a test reads is derived, or everything at once."""

from tests.city_builder import city_on_demand, whole_city

__all__ = ["city_on_demand", "whole_city"]

"""The domain core: schema, canonical records, derived relationships, stores, builds, leads, registry."""

__version__ = "0.1.0"

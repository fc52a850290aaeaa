"""The registry's schema history, applied when a registry is opened."""

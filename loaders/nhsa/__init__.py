"""The national platform's tables: what is read from each, its code tables and the way to the canonical tables."""

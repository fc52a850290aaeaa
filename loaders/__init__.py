"""Bring settlement records in: source folders become the canonical tables of one build."""

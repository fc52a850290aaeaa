"""Questions as data: Cypher files, read with importlib.resources."""

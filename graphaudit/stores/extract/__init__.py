"""One .sql per node label and relationship type: from the canonical and derived tables to the graph's rows.

Nodes return their properties by name; relationships return start_key and end_key, start_label or end_label
where the type joins several labels, and their properties by name.
"""

from importlib.resources import files

from graphaudit.schema import NodeType, RelationshipType

#: Nodes and relationships that ranked leads bring, not the tables.
WRITTEN_WITH_LEADS = frozenset({"Lead", "IMPLICATES"})


def node_sql(node: NodeType) -> str:
    """Text of the query that returns the rows of `node`."""
    return _text("nodes", node.label)


def relationship_sql(relationship: RelationshipType) -> str:
    """Text of the query that returns the rows of `relationship`, all label pairs together."""
    return _text("relationships", relationship.name)


def relationship_columns(relationship: RelationshipType) -> tuple[str, ...]:
    """Names of the columns that its query must return, in any order."""
    labels = [
        name for name, ends in (("start_label", relationship.starts), ("end_label", relationship.ends)) if len(ends) > 1
    ]
    return ("start_key", "end_key", *labels, *(p.name for p in relationship.properties))


def _text(folder: str, name: str) -> str:
    return files(__package__).joinpath(folder, f"{name}.sql").read_text(encoding="utf-8")

"""The graph, declared once: constraints, bulk writers, column checks, data dictionary and masking derive from it."""

from graphaudit.schema.declaration import NodeType, Property, RelationshipType
from graphaudit.schema.graph import NODES, RELATIONSHIPS, node, relationship

__all__ = ["NODES", "RELATIONSHIPS", "NodeType", "Property", "RelationshipType", "node", "relationship"]

"""Graph stores behind one protocol: Ladybug embedded, Neo4j in production."""

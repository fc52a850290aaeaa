"""Neo4j as a graph store: a server run by somebody else (`store`), or two homes managed here (`managed`)."""

"""Hand out: HTTP for the supervision unit, the command line for the operator."""

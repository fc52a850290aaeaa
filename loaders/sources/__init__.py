"""Files on disk: which table they belong to, how they are encoded, and how they become columns."""

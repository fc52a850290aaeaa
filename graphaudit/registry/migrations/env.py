"""What Alembic runs: migrations on the connection that the caller put into the configuration."""

from __future__ import annotations

from alembic import context

from graphaudit.registry.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter a column in place
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()

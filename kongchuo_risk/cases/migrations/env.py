"""Runs the migrations on the connection that :func:`kongchuo_risk.cases.engine.migrate` gives."""

from alembic import context

from kongchuo_risk.cases.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()

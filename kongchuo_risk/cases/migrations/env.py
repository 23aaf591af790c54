"""Runs the migrations on the connection that :func:`kongchuo_risk.cases.engine.migrate` gives."""

from alembic import context

from kongchuo_risk.cases.tables import metadata


def run_migrations() -> None:
    """Bring the tables of the given connection up to date."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()


# Alembic runs this file to migrate; whoever merely imports it (a doctest collector) must not.
if hasattr(context, "config"):
    run_migrations()

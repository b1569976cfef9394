"""Alembic's entry: runs on the connection that store.migrate hands over, in one transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], version_table="smart_maintenance_version")
with context.begin_transaction():
    context.run_migrations()

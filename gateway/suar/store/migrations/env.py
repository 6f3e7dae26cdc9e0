"""Alembic's environment: the connection comes from `Database.migrate`, already in its transaction."""

from alembic import context

from suar.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()

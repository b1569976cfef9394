"""PostgreSQL and TimescaleDB: connection, migrations, views for readers, ledger. Tables live in schema store, views in plant and ops."""

"""PostgreSQL and TimescaleDB: connection, migrations, views, typed reads."""

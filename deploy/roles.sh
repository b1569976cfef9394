#!/bin/sh
# Runs once, when the database is made: users of the registry and of Grafana. Passwords come from the environment
# and go in as psql variables, so that they are quoted. maint_reader is the role to which the migration gives the
# right to read; Grafana's user is a member of it.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --set reader="$READER_PASSWORD" --set registry="$REGISTRY_PASSWORD" <<'SQL'
CREATE ROLE registry LOGIN PASSWORD :'registry';
CREATE DATABASE registry OWNER registry;
CREATE ROLE maint_reader NOLOGIN;
CREATE ROLE grafana LOGIN PASSWORD :'reader' IN ROLE maint_reader;
ALTER ROLE grafana SET default_transaction_read_only = on;
ALTER ROLE grafana SET statement_timeout = '60s';
SQL

"""The read-only role: for people with SQL and for Grafana. It sees plant and ops, nothing else, and cannot write."""

import os
import secrets
from pathlib import Path
from typing import Final

import psycopg
import structlog
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from settings import Settings
from store.database import address

log = structlog.get_logger()
SECRET: Final = "database_reader"  # noqa: S105  the name of a file
LIMITS: Final = {"default_transaction_read_only": "on", "statement_timeout": "60s", "timezone": "UTC"}


def name(database: str) -> str:
    """Name of the role: roles are shared by all databases of a server."""
    return f"{database}_reader"


def password_file(settings: Settings) -> Path:
    """Where the generated password lies."""
    return settings.home / "secrets" / SECRET


def url(settings: Settings) -> str:
    """Address with name and password of the read-only role.

    Raises:
        FileNotFoundError: `maint migrate` has not run from this home, or had no right to make the role.
    """
    parts = conninfo_to_dict(address(settings))
    password = password_file(settings).read_text(encoding="utf-8")
    host, port, database = parts.get("host", "127.0.0.1"), parts.get("port", 5432), parts["dbname"]
    return f"postgresql://{name(str(database))}:{password}@{host}:{port}/{database}"


def grant(connection: psycopg.Connection, settings: Settings) -> None:
    """Make the role if it is missing, and let it read; without the right to make roles, say so and go on."""
    role = name(connection.info.dbname)
    try:
        with connection.transaction():
            make(connection, role, password(settings))
    except psycopg.errors.InsufficientPrivilege as error:
        log.warning("reader_role_not_made", role=role, reason=str(error).strip(), remedy="let an administrator create it with LOGIN")
        return
    for schema in ("plant", "ops"):
        for statement in (
            "grant usage on schema {schema} to {role}",
            "grant select on all tables in schema {schema} to {role}",
            "alter default privileges in schema {schema} grant select on tables to {role}",
        ):
            connection.execute(sql.SQL(statement).format(schema=sql.Identifier(schema), role=sql.Identifier(role)))


def make(connection: psycopg.Connection, role: str, secret: str) -> None:
    """Create or renew the role; the server gets the password as a verifier only."""
    found = connection.execute("select 1 from pg_roles where rolname = %s", (role,)).fetchone()
    verifier = connection.pgconn.encrypt_password(secret.encode(), role.encode(), b"scram-sha-256").decode()
    verb = "alter" if found else "create"
    connection.execute(
        sql.SQL("{} role {} with login nosuperuser nocreatedb nocreaterole password {}").format(
            sql.SQL(verb), sql.Identifier(role), sql.Literal(verifier)
        )
    )
    for option, value in LIMITS.items():
        connection.execute(sql.SQL("alter role {} set {} = {}").format(sql.Identifier(role), sql.SQL(option), sql.Literal(value)))


def password(settings: Settings) -> str:
    """The role's password, generated at the first use; only the owner of the file can read it."""
    path = password_file(settings)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(24))
    return path.read_text(encoding="utf-8")

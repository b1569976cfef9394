"""The PostgreSQL data source of the dashboards, made from a database URL."""

from urllib.parse import parse_qs, unquote, urlsplit

from grafana.panels import SOURCE, Model


def source(database_url: str) -> Model:
    """Grafana's model of the data source for postgresql://user:password@host:port/name?sslmode=...

    The database stands in both places: Grafana before 12 reads one, later ones the other.

    Raises:
        ValueError: the URL names no host or no database.
    """
    parts = urlsplit(database_url)
    name = unquote(parts.path.lstrip("/"))
    if not parts.hostname or not name:
        raise ValueError("the database URL must have the form postgresql://user:password@host:port/name")
    encryption = parse_qs(parts.query).get("sslmode", ["disable"])[0]
    return {
        **SOURCE,
        "name": "Smart Maintenance",
        "access": "proxy",
        "url": f"{parts.hostname}:{parts.port or 5432}",
        "user": unquote(parts.username or ""),
        "database": name,
        "jsonData": {"database": name, "sslmode": encryption, "postgresVersion": 1500, "timescaledb": False},
        "secureJsonData": {"password": unquote(parts.password or "")},
    }

"""maint sql."""

from typing import Annotated

import typer

from cli.output import AsJson, print_json

EXAMPLES = """Examples:

  maint sql                                    psql as the read-only role; without psql the address

  maint sql --url                              the address, for other programs (holds a password)

  psql "$(maint sql --url)" -c 'select * from plant.episode where open'
"""


def sql(
    url: Annotated[bool, typer.Option("--url", help="Only print the address, do not start psql.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read the database with SQL: views in the schemas plant and ops, each column explained (\\d+ in psql)."""  # noqa: D301
    import os
    import shutil
    import sys

    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    from settings import load
    from store import reader
    from store.database import Unconfigured

    try:
        address = reader.url(load())
    except Unconfigured as problem:
        raise SystemExit(str(problem)) from None
    except FileNotFoundError:
        raise SystemExit("no read-only role yet: run `maint migrate`") from None
    psql = shutil.which("psql")
    if as_json:
        print_json({"url": address})
    elif url or not psql or not sys.stdin.isatty() or not sys.stdout.isatty():
        typer.echo(address)
    else:
        parts = conninfo_to_dict(address)
        environment = {**os.environ, "PGPASSWORD": str(parts.pop("password"))}  # a password in the arguments would be seen by all
        os.execve(psql, [psql, make_conninfo("", **parts)], environment)  # noqa: S606  the user's own psql takes over this terminal

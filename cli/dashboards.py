"""`maint dashboards`: write the dashboards to files or put them into a running Grafana."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.output import AsJson, print_rows

app = typer.Typer(
    no_args_is_help=True, help="Grafana dashboards: export to files, publish to a Grafana. Example: maint dashboards export FOLDER"
)

Token = Annotated[str, typer.Option(envvar="GRAFANA_TOKEN", help="Token of a service account (Editor; Admin to make the data source).")]


@app.command()
def export(folder: Annotated[Path, typer.Argument(help="Folder for the JSON files.")], as_json: AsJson = False) -> None:
    """Write all dashboards as JSON files.

    Example: maint dashboards export grafana/dashboards
    """
    from grafana.files import export as write

    print_rows([{"file": str(path)} for path in write(folder)], as_json=as_json, title="Dashboards")


@app.command()
def publish(
    token: Token,
    url: Annotated[str, typer.Option(envvar="GRAFANA_URL", help="Address of Grafana.")] = "http://localhost:3000",
    database_url: Annotated[
        str, typer.Option(envvar="GRAFANA_DATABASE_URL", help="Makes the data source if it is missing: PostgreSQL as Grafana sees it.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Put all dashboards into a running Grafana; a second time replaces them.

    Example: GRAFANA_TOKEN=... maint dashboards publish --url https://grafana.example.com
    """
    from grafana.publish import PublishError
    from grafana.publish import publish as send

    try:
        published = send(url, token, database_url=database_url)
    except (PublishError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    except ModuleNotFoundError:
        typer.echo("the package grafana-api is missing: install it, or use `maint dashboards export` and Grafana's import", err=True)
        raise typer.Exit(1) from None
    print_rows([asdict(entry) for entry in published], as_json=as_json, title="Dashboards in Grafana")

"""maint ledger."""

import typer

from cli.output import AsJson, print_json, print_rows

EXAMPLES = """Examples:

  maint ledger                     what became of every record so far

  maint ledger --wait 60           first wait until everything sent so far is accounted for

  maint ledger --json | jq .balanced
"""


def ledger(
    wait: float = typer.Option(
        0, "--wait", min=0, help="Seconds to wait until everything sent so far is accounted for; --json says with `settled` whether it was."
    ),
    as_json: AsJson = False,
) -> None:
    """Compare what the brokers received with what became of it. Exit code 1: it does not balance, or the wait was too short."""
    import psycopg
    from confluent_kafka import KafkaException

    from settings import load
    from sinks import balance
    from sinks.offsets import Brokers
    from store.database import Unconfigured, connect

    settings = load()
    try:
        with connect(settings, autocommit=True) as connection:
            there, found = balance.wait(settings, connection, Brokers(settings), wait) if wait else (True, None)
            found = found or balance.status(settings, connection, Brokers(settings))
    except (Unconfigured, psycopg.Error, KafkaException) as error:
        raise SystemExit(f"ledger: {str(error).strip()}") from None
    if as_json:
        print_json(found.as_json() | ({"settled": there} if wait else {}))  # what was sent meanwhile is not waited for
    else:
        counts = {name: value for name, value in found.as_json().items() if isinstance(value, int) and not isinstance(value, bool)}
        print_rows([{"outcome": name, "records": f"{n:,}"} for name, n in counts.items()], as_json=False, title="Ledger")
        typer.echo("balanced" if found.balanced else "NOT balanced:\n  " + "\n  ".join(found.problems))
    if not there:
        typer.echo(f"after {wait:g} s records were still in flight: is `maint deliver` running? see `maint status`", err=True)
    raise typer.Exit(0 if found.balanced and there else 1)

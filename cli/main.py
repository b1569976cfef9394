"""The maint command: one typer application, a module per group of commands."""

import typer

from cli import simulate

app = typer.Typer(
    name="maint",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Predictive maintenance on Kafka streams. `maint COMMAND --help` shows examples.",
)

app.command(epilog=simulate.EXAMPLES)(simulate.simulate)


def main() -> None:
    """Entry point of the console script."""
    app()


if __name__ == "__main__":
    main()

"""The maint command: one typer application, a module per group of commands."""

import typer

app = typer.Typer(
    name="maint",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Predictive maintenance on Kafka streams. `maint COMMAND --help` shows examples.",
)


def main() -> None:
    """Entry point of the console script."""
    app()


if __name__ == "__main__":
    main()

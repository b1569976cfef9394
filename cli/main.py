"""The maint command: one typer application, a module per group of commands."""

import typer

from cli import (
    anomalies,
    backtest,
    baseline,
    bridge,
    catalogue,
    check,
    dashboards,
    deliver,
    demo,
    doctor,
    exam,
    ledger,
    migrate,
    models,
    onboard,
    predictions,
    rebase,
    rejections,
    replay,
    report,
    sensors,
    simulate,
    spectrum,
    sql,
    status,
    topics,
    train,
    up,
    waveform,
    work,
    zones,
)

app = typer.Typer(
    name="maint",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Predictive maintenance on Kafka streams. `maint COMMAND --help` shows examples.",
)

app.command(epilog=up.UP_EXAMPLES)(up.up)
app.command(epilog=up.DOWN_EXAMPLES)(up.down)
app.command(epilog=status.STATUS_EXAMPLES)(status.status)
app.command(epilog=status.LOGS_EXAMPLES)(status.logs)
app.command(epilog=demo.EXAMPLES)(demo.demo)
app.command(epilog=doctor.EXAMPLES)(doctor.doctor)
app.command(epilog=check.EXAMPLES)(check.check)
app.command(epilog=simulate.EXAMPLES)(simulate.simulate)
app.command(epilog=exam.EXAMPLES)(exam.exam)
app.add_typer(catalogue.app, name="catalogue")
app.add_typer(baseline.app, name="baseline")
app.add_typer(dashboards.app, name="dashboards")
app.add_typer(replay.app, name="replay")
app.add_typer(report.app, name="report")
app.command(epilog=backtest.EXAMPLES)(backtest.backtest)
app.add_typer(bridge.app, name="bridge")
app.add_typer(onboard.app, name="onboard")
app.add_typer(topics.app, name="topics")
app.command(epilog=migrate.EXAMPLES)(migrate.migrate)
app.command(epilog=deliver.EXAMPLES)(deliver.deliver)
app.command(epilog=ledger.EXAMPLES)(ledger.ledger)
app.add_typer(rejections.app, name="rejections")
app.add_typer(sensors.app, name="sensors")
app.add_typer(anomalies.app, name="anomalies")
app.add_typer(predictions.app, name="predictions")
app.command(epilog=zones.EXAMPLES)(zones.zones)
app.command(epilog=spectrum.EXAMPLES)(spectrum.spectrum)
app.add_typer(waveform.app, name="waveform")
app.command(epilog=sql.EXAMPLES)(sql.sql)
app.command()(work.work)
app.command(epilog=rebase.EXAMPLES)(rebase.rebase)
app.command(epilog=train.EXAMPLES)(train.train)
app.add_typer(models.app, name="models")


def main() -> None:
    """Entry point of the console script."""
    app()


if __name__ == "__main__":
    main()

"""Forecasts of key signals."""

from alembic import op

from store.migrate import driver, script

revision = "0009"
down_revision = "0008"
COLUMNS = ("forecasts", "forecast_from", "forecast_model", "forecast_version", "forecast_digest", "forecast_reason")
VIEWS = "drop view plant.forecast; drop view plant.prediction_now; drop view plant.prediction"


def upgrade() -> None:
    """Add their columns and view."""
    driver(op.get_bind()).execute(script("forecast"))


def downgrade() -> None:
    """Take them away, and show predictions as before; forecasts that the topic no longer holds are lost."""
    connection, before = driver(op.get_bind()), script("prediction")
    connection.execute(VIEWS)
    connection.execute("alter table store.prediction " + ", ".join(f"drop column {name}" for name in COLUMNS))
    connection.execute(before[before.index(b"create view") :])

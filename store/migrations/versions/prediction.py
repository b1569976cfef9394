"""Predictions."""

from alembic import op

from store.migrate import driver, script

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add their table and views."""
    driver(op.get_bind()).execute(script("prediction"))


def downgrade() -> None:
    """Take them away; predictions that the topic no longer holds are lost."""
    driver(op.get_bind()).execute("drop view plant.prediction_now; drop view plant.prediction; drop table store.prediction")

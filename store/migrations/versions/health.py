"""Health leaves out sensors at fault, and goes on while a value reported by exception holds."""

from alembic import op

from store.migrate import driver, script

revision = "0010"
down_revision = "0009"
VIEWS = "drop view plant.health; drop view plant.health_part; drop view store.level; drop index store.episode_of_sensor"
BEFORE = b"-- Health of a sensor in a window"


def upgrade() -> None:
    """Say it in the views."""
    driver(op.get_bind()).execute(script("health"))


def downgrade() -> None:
    """Go back to the health of before."""
    connection, before = driver(op.get_bind()), script("baseline")
    connection.execute(VIEWS)
    connection.execute(before[before.index(BEFORE) :])

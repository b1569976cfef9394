"""Coverage counts the live detectors of vibration zones and of lines of bearings."""

from alembic import op

from store.migrate import driver, script

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Say it in the view; its columns stay."""
    driver(op.get_bind()).execute(script("watchers"))


def downgrade() -> None:
    """Go back to the coverage of before, which cannot tell what they lack: their symptoms go, the catalogue of then has none."""
    connection = driver(op.get_bind())
    connection.execute("delete from store.symptom where detector in ('vibration/zone', 'vibration/envelope')")
    connection.execute(script("coverage"))
    connection.execute("drop function store.judged; comment on column plant.coverage.detector is 'Detector that sees it.'")

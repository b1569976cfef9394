"""Waveforms in the archive."""

from alembic import op

from store.migrate import driver, script

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add their table and view."""
    driver(op.get_bind()).execute(script("waveform"))


def downgrade() -> None:
    """Take them away; the objects stay in the archive."""
    driver(op.get_bind()).execute("drop view plant.waveform; drop table store.waveform")

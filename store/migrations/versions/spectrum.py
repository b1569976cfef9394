"""Spectra of vibration."""

from alembic import op

from store.migrate import driver, script

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add their table and view."""
    driver(op.get_bind()).execute(script("spectrum"))


def downgrade() -> None:
    """Take them away; spectra that the topic no longer holds are lost."""
    driver(op.get_bind()).execute("drop view plant.spectrum; drop table store.spectrum")

"""Speed and lag of the sinks, for the dashboards."""

from alembic import op

from store.migrate import driver, script

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add ops.delivery."""
    driver(op.get_bind()).execute(script("delivery"))


def downgrade() -> None:
    """Remove it."""
    driver(op.get_bind()).execute("drop view ops.delivery; drop table store.delivery")

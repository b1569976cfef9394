"""References of sensors and the health of machines against them."""

from alembic import op

from store.migrate import driver, script

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add their table and views."""
    driver(op.get_bind()).execute(script("baseline"))


def downgrade() -> None:
    """Take them away; the references are lost here, not in the topic."""
    driver(op.get_bind()).execute(script("unbaseline"))

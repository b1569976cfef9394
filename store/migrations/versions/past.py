"""Failures and machine-days of each class, from the plant's own work orders."""

from alembic import op

from store.migrate import driver, script

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add their table and view."""
    driver(op.get_bind()).execute(script("past"))


def downgrade() -> None:
    """Take them away; load the work orders again to have them back."""
    driver(op.get_bind()).execute("drop view plant.class_history; drop table store.class_history")

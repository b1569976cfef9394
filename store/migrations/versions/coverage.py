"""Coverage says which sensors never sent and where no reference is accepted."""

from alembic import op

from store.migrate import driver, script

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Say it in the view; its columns stay."""
    driver(op.get_bind()).execute(script("coverage"))


def downgrade() -> None:
    """Go back to what the catalogue alone states."""
    driver(op.get_bind()).execute(script("uncoverage"))

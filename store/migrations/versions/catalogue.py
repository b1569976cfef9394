"""More of the catalogue: geometry, modes and drivers of assets, assignments of sensors, coverage of failure modes."""

from alembic import op

from store import comments
from store.migrate import driver, script

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add columns, tables and views; plant.asset and plant.sensor get more columns at their end."""
    driver(op.get_bind()).execute(script("catalogue"))


def downgrade() -> None:
    """Go back to the views of before; the history of assignments is lost."""
    connection = driver(op.get_bind())
    connection.execute(script("uncatalogue"))
    comments.write(connection, only=("plant.asset", "plant.sensor"))

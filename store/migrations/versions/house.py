"""Tables, views and comments of the first release, on the flavour the server offers."""

from alembic import context, op

from store import comments, flavour
from store.migrate import driver, script

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make everything; the flavour is decided here, once."""
    connection = driver(op.get_bind())
    decided = flavour.decide(connection, context.config.attributes["flavour"])
    for name in ("tables", decided, "views"):
        connection.execute(script(name))
    connection.execute("insert into store.flavour (flavour) values (%s)", (decided,))
    comments.write(connection)


def downgrade() -> None:
    """Remove everything, data included."""
    driver(op.get_bind()).execute(script("drop"))

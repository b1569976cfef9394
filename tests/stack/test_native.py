import psycopg
import pytest

from settings import Settings
from stack import broker

pytestmark = pytest.mark.integration


def test_an_instance_reaches_its_servers(instance: Settings) -> None:
    assert broker.probe(instance.kafka) == ""
    with psycopg.connect(instance.database_url.get_secret_value()) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == (instance.namespace.rstrip("."),)

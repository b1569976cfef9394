import stat
from collections.abc import Iterator

import psycopg
import pytest

from settings import Settings, load
from store import flavour, migrate, reader
from store.database import Unconfigured, connect
from tests import flavours
from tests.containers import daemon_answers

UNCOMMENTED = """select n.nspname || '.' || c.relname || coalesce('.' || a.attname, '') from pg_class c
  join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid and a.attnum >= 0
  where n.nspname in ('plant', 'ops') and c.relkind = 'v'
    and (obj_description(c.oid) is null or col_description(c.oid, a.attnum) is null)"""
COLUMNS = """select table_schema, table_name, column_name, data_type from information_schema.columns
  where table_schema in ('plant', 'ops', 'store') order by 1, 2, ordinal_position"""
VIEWS = """select schemaname, viewname, md5(definition) from pg_views where schemaname in ('plant', 'ops', 'store') order by 1, 2"""
SCHEMAS = "select count(*) from pg_namespace where nspname in ('plant', 'ops', 'store')"


@pytest.fixture(params=flavours.FLAVOURS)
def flavoured(request: pytest.FixtureRequest, instance: Settings) -> Iterator[Settings]:
    """An instance of each flavour, without tables."""
    with flavours.of(request.param, instance) as found:
        yield found


@pytest.mark.integration
def test_up_twice_down_twice_and_up_again(flavoured: Settings) -> None:
    expected = flavoured.database_flavour
    assert migrate.upgrade(flavoured) == migrate.upgrade(flavoured) == expected
    with connect(flavoured) as connection:
        assert connection.execute(UNCOMMENTED).fetchall() == []
        assert flavour.stored(connection) == expected
    migrate.downgrade(flavoured)
    migrate.downgrade(flavoured)
    with connect(flavoured) as connection:
        assert connection.execute(SCHEMAS).fetchall() == [(0,)]
    assert migrate.upgrade(flavoured) == expected


@pytest.mark.integration
def test_each_step_goes_down_and_up_again(flavoured: Settings) -> None:
    migrate.upgrade(flavoured)
    with connect(flavoured, autocommit=True) as connection:
        whole, views = (connection.execute(query).fetchall() for query in (COLUMNS, VIEWS))
        (newest,) = connection.execute("select version_num from smart_maintenance_version").fetchall()[0]
        for step in range(int(newest) - 1, 0, -1):
            migrate.downgrade(flavoured, f"{step:04d}")
            assert connection.execute(UNCOMMENTED).fetchall() == []
            assert len(connection.execute(COLUMNS).fetchall()) <= len(whole)
            assert connection.execute(VIEWS).fetchall() != views
            migrate.upgrade(flavoured)
            assert [connection.execute(query).fetchall() for query in (COLUMNS, VIEWS)] == [whole, views]
            assert connection.execute(UNCOMMENTED).fetchall() == []
            migrate.downgrade(flavoured, f"{step:04d}")


@pytest.mark.integration
def test_a_flavour_is_never_changed_in_place(flavoured: Settings) -> None:
    has = flavoured.database_flavour
    migrate.upgrade(flavoured)
    other = "plain" if has == "timescale" else "timescale"
    with pytest.raises(flavour.Unsuitable, match=f"made as {has}"):
        migrate.upgrade(flavoured.model_copy(update={"database_flavour": other}))
    assert migrate.upgrade(flavoured.model_copy(update={"database_flavour": "auto"})) == has


@pytest.mark.integration
@pytest.mark.parametrize("flavoured", [flavours.TIMESCALE], indirect=True)
def test_a_server_of_both_is_asked_for_the_flavour_wished(flavoured: Settings) -> None:
    with flavours.beside(flavoured, "auto") as unasked, flavours.beside(flavoured, "plain") as plain:
        assert (migrate.upgrade(unasked), migrate.upgrade(plain)) == ("timescale", "plain")


@pytest.mark.integration
@pytest.mark.skipif(daemon_answers(), reason="the database of the containers offers TimescaleDB")
def test_timescale_is_not_assumed(instance: Settings) -> None:
    with pytest.raises(flavour.Unsuitable, match="does not offer"):
        migrate.upgrade(instance.model_copy(update={"database_flavour": "timescale"}))
    with connect(instance) as connection:
        assert connection.execute(SCHEMAS).fetchall() == [(0,)], "nothing is left behind"


@pytest.mark.integration
def test_readers_see_views_only_and_write_nothing(flavoured: Settings) -> None:
    migrate.upgrade(flavoured)
    path = reader.password_file(flavoured)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with psycopg.connect(reader.url(flavoured), autocommit=True) as connection:
        views = connection.execute("select schemaname || '.' || viewname from pg_views where schemaname in ('plant', 'ops')").fetchall()
        for (view,) in views:
            connection.execute(f"select * from {view} limit 1".encode())
        for statement in (
            b"select * from store.sensor",
            b"create table plant.mine ()",
            b"set default_transaction_read_only = off; create schema x",
        ):
            with pytest.raises(psycopg.Error):
                connection.execute(statement)


@pytest.mark.integration
def test_two_may_migrate_at_once(flavoured: Settings) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor() as pool:
        assert list(pool.map(migrate.upgrade, [flavoured] * 3)) == [flavoured.database_flavour] * 3


def test_without_a_database_the_remedy_is_named() -> None:
    with pytest.raises(Unconfigured, match="maint up"):
        connect(load(database_url=""))

"""The driver port: the same words on both databases."""

import pytest

from dougong.database.connect import Busy, Conflict, open_postgres


def _tables(connection) -> None:
    number = "bigint" if connection.dialect == "postgresql" else "integer"
    connection.begin(write=True)
    connection.run(f'create table @."shop_item" (id {number} primary key, code text not null)')
    connection.run(
        'create unique index "shop_item_code" on @."shop_item" (code)'
        if connection.schema
        else 'create unique index "shop_item_code" on "shop_item" (code)'
    )
    connection.run(
        f'create table @."shop_line" (id {number} primary key, item {number} references @."shop_item" (id))'
    )
    connection.commit()


def _mark(connection) -> str:
    return "%s" if connection.dialect == "postgresql" else "?"


@pytest.fixture
def connection(database):
    opened = database.connection("alpha")
    _tables(opened)
    return opened


def _add(connection, number, code) -> int:
    mark = _mark(connection)
    return connection.change(f'insert into @."shop_item" values ({mark}, {mark})', [number, code])


def test_first_statement_comes_back_with_begin(connection):
    connection.begin(write=True)
    assert _add(connection, 1, "A") == 1
    connection.commit()
    assert connection.begin(write=False, first='select id, code from @."shop_item"') == [(1, "A")]
    connection.rollback()


def test_rollback_undoes_tables_too(connection):
    connection.begin(write=True)
    connection.run('create table @."gone" (id integer)')
    connection.rollback()
    connection.begin(write=True)
    connection.run('create table @."gone" (id integer)')
    connection.rollback()


def test_doubled_key_is_a_conflict_with_its_columns(connection):
    connection.begin(write=True)
    _add(connection, 1, "A")
    with pytest.raises(Conflict) as caught:
        _add(connection, 2, "A")
    connection.rollback()
    assert (caught.value.kind, caught.value.table, caught.value.columns) == (
        "unique",
        "shop_item",
        ("code",),
    )


def test_missing_value_and_missing_target_are_conflicts(connection):
    connection.begin(write=True)
    with pytest.raises(Conflict) as caught:
        _add(connection, 1, None)
    connection.rollback()
    assert (caught.value.kind, caught.value.columns) == ("required", ("code",))
    connection.begin(write=True)
    mark = _mark(connection)
    with pytest.raises(Conflict) as caught:
        connection.run(f'insert into @."shop_line" values (1, {mark})', [99])
    connection.rollback()
    assert caught.value.kind == "foreign_key"


def test_many_rows_at_once(connection):
    mark = _mark(connection)
    connection.begin(write=True)
    connection.change_many(
        f'insert into @."shop_item" values ({mark}, {mark})', [(n, f"C{n}") for n in range(100)]
    )
    connection.commit()
    connection.begin(write=False)
    assert connection.run('select count(*) from @."shop_item"') == [(100,)]
    connection.commit()


def test_a_reader_keeps_its_snapshot_while_another_writes(database, connection):
    reader = database.connect("alpha")
    reader.begin(write=False, first='select count(*) from @."shop_item"')
    connection.begin(write=True)
    _add(connection, 1, "A")
    connection.commit()
    assert reader.run('select count(*) from @."shop_item"') == [(0,)]
    reader.commit()


def test_fault_points_stand_in_the_way_of_every_step(database):
    passed = []
    opened = database.connection("beta", fault=passed.append)
    opened.begin(write=True)
    opened.run("select 1")
    opened.commit()
    assert passed == ["begin", "run", "commit", "committed"]


def test_second_writer_on_sqlite_is_told_busy(sqlite_database):
    one = sqlite_database.connection("alpha")
    two = sqlite_database.connect("alpha")
    two.run("pragma busy_timeout = 1")
    one.begin(write=True)
    with pytest.raises(Busy):
        two.begin(write=True)
    one.rollback()


def test_a_forgotten_role_reads_nothing(postgres_database):
    import psycopg

    opened = postgres_database.connection("alpha")
    _tables(opened)
    bare = postgres_database.bare()
    for outside in (bare, opened):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            outside.run('select * from "t_alpha"."shop_item"')


def test_the_login_is_known_to_be_bound(postgres_database, postgres_admin_url):
    from dougong.database.provision import bound_login

    assert bound_login(postgres_database.bare())
    admin = open_postgres(postgres_admin_url)
    assert not bound_login(admin)
    admin.close()


def test_one_tenant_cannot_read_another(postgres_database):
    import psycopg

    _tables(postgres_database.connection("alpha"))
    other = postgres_database.connection("beta")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        other.begin(write=False, first='select * from "t_alpha"."shop_item"')


def test_pool_lends_and_takes_back(postgres_database):
    from dougong.database.connect import PostgresPool

    _tables(postgres_database.connection("alpha"))
    pool = PostgresPool(postgres_database.settings.database_url, 1, wait=0.05)
    with pool.lease("t_alpha", "dougong_t_alpha") as lent:
        lent.begin(write=True)
        _add(lent, 1, "A")
        with pytest.raises(Busy), pool.lease("t_alpha", "dougong_t_alpha"):
            pass
    with pool.lease("t_alpha", "dougong_t_alpha") as lent:
        assert lent.begin(write=False, first='select * from @."shop_item"') == []
    pool.close()


def test_pool_outlives_a_server_that_hangs_up(postgres_database, postgres_admin_url):
    from dougong.database.connect import PostgresPool

    postgres_database.connection("alpha")
    pool = PostgresPool(postgres_database.settings.database_url, 1)
    with pool.lease("t_alpha", "dougong_t_alpha") as lent:
        (pid,) = lent.begin(write=False, first="select pg_backend_pid()")[0]
    admin = open_postgres(postgres_admin_url)
    admin.run("select pg_terminate_backend(%s::int)", [pid])
    admin.close()
    with pool.lease("t_alpha", "dougong_t_alpha") as lent:
        (after,) = lent.begin(write=False, first="select pg_backend_pid()")[0]
    assert after != pid
    pool.close()

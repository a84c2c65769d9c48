"""A tenant goes into a file and comes out of it, on either database, with everything it had."""

import gzip

import pytest
from argon2 import PasswordHasher

from dougong.foundation.errors import Refused
from dougong.records import store
from dougong.tenants import sign_in, transfer
from dougong.tenants.passwords import Passwords
from dougong.tenants.people import find_login
from dougong.tenants.registry import Registry
from dougong.tenants.setup import setup_work


@pytest.fixture
def other(sqlite_database, postgres_database, database, clock):
    """A registry on the other database than the one under test."""
    chosen = sqlite_database if database.dialect == "postgresql" else postgres_database
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=2048, parallelism=1))
    made = Registry(chosen.settings, clock, passwords=passwords)
    yield made
    made.close()


@pytest.fixture
def order(acme, clock):
    """Make an order with its customer and item; returns its id."""
    with acme.begun(write=False) as (connection, catalog, _):
        admin = find_login(connection, catalog, "admin")
    context = acme.setup_context(clock())

    def make(work):
        gate = setup_work(work)
        store.create(gate, "master_data.customer", {"code": "C1", "name": "甲公司"})
        store.create(
            gate,
            "master_data.item",
            {"code": "I1", "name": "螺丝", "unit": {"code": "pcs"}, "list_price": "1.25"},
        )
        body = {
            "customer": {"code": "C1"},
            "owner": str(admin),
            "items": [{"item": {"code": "I1"}, "qty": "3"}],
        }
        return store.create(gate, "sales.order", body).id

    return acme.run(context, make, write=True)


def read(opened, clock, id_):
    context = opened.setup_context(clock())
    return opened.run(
        context, lambda work: store.read(setup_work(work), "sales.order", id_), write=False
    )


def found(opened, text):
    with opened.begun(write=False) as (connection, _, _stamps):
        if connection.dialect == "sqlite":
            sql = 'select record from @."dougong_search" where words match ?'
        else:
            sql = 'select record from @."dougong_search" where words @@ %s::tsquery'
        return [record for (record,) in connection.run(sql, [text])]


def test_a_tenant_moves_to_the_other_database(
    registry, acme, created, order, other, clock, tmp_path
):
    file = tmp_path / "acme.dougong"
    rows = transfer.export(registry, "acme", file)
    assert transfer.import_(other, file, "acme", clock()) == rows
    moved = other.open("acme")
    assert read(moved, clock, order) == read(acme, clock, order)
    assert moved.catalog.fingerprint == acme.catalog.fingerprint
    assert found(moved, "螺丝") == found(acme, "螺丝") != []
    entry = other.directory.find("acme")
    assert (entry.label, entry.language) == ("安可公司", "zh")
    session = sign_in.sign_in(moved, "admin", created.admin_password, clock(), "192.0.2.1")
    assert moved.principal(session.token).login == "admin"


def test_new_records_of_a_moved_tenant_have_new_ids(registry, acme, order, other, clock, tmp_path):
    transfer.export(registry, "acme", tmp_path / "file")
    transfer.import_(other, tmp_path / "file", "acme", clock())
    moved = other.open("acme")
    made = moved.run(
        moved.setup_context(clock()),
        lambda work: store.create(
            setup_work(work), "master_data.unit", {"code": "new", "name": "新"}
        ),
        write=True,
    )
    assert made.id > order


def test_a_copy_stands_alone(registry, acme, order, clock):
    transfer.copy(registry, "acme", "twin", clock())
    twin = registry.open("twin")
    assert twin.catalog is acme.catalog
    assert read(twin, clock, order) == read(acme, clock, order)

    def rename(work):
        gate = setup_work(work)
        version = store.read(gate, "sales.order", order)["version"]
        store.change(gate, "sales.order", order, version, {"note": "only here"})

    twin.run(twin.setup_context(clock()), rename, write=True)
    assert read(acme, clock, order).get("note") is None


def test_sessions_stay_behind(registry, acme, created, clock):
    session = sign_in.sign_in(acme, "admin", created.admin_password, clock(), "192.0.2.1")
    transfer.copy(registry, "acme", "twin", clock())
    assert registry.open("twin").principal(session.token) is None


@pytest.mark.parametrize("spoil", ["cut", "changed", "empty", "foreign", "not gzip"])
def test_a_file_that_is_not_whole_leaves_nothing_behind(registry, acme, clock, tmp_path, spoil):
    file = tmp_path / "acme.dougong"
    transfer.export(registry, "acme", file)
    text = gzip.decompress(file.read_bytes())
    spoilt = {
        "cut": gzip.compress(text[: len(text) // 2]),
        "changed": gzip.compress(
            text.replace("安可".encode(), "平安".encode()).replace(b"pcs", b"psc")
        ),
        "empty": gzip.compress(b""),
        "foreign": gzip.compress(b'{"hello": 1}\n'),
        "not gzip": b"hello",
    }
    file.write_bytes(spoilt[spoil])
    with pytest.raises(Refused):
        transfer.import_(registry, file, "bad", clock())
    assert registry.names() == ["acme"]


def test_an_export_of_nobody_is_refused(registry, tmp_path):
    with pytest.raises(Refused) as refused:
        transfer.export(registry, "nobody", tmp_path / "file")
    assert refused.value.status == 404
    assert list(tmp_path.glob("file*")) == []

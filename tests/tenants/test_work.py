"""Units of work: all or nothing, tried again only where nothing can have happened."""

import threading
from contextlib import contextmanager

import pytest

from dougong.database.connect import Busy, Lost
from dougong.foundation.errors import Refused
from dougong.records import store
from dougong.tenants.opened import TRIES
from dougong.tenants.setup import setup_work


def make(work, code):
    return store.create(setup_work(work), "master_data.unit", {"code": code, "name": code})


def codes(opened):
    with opened.begun(write=False) as (connection, _, _stamps):
        return {code for (code,) in connection.run('select "code" from @."master_data_unit"')}


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr("dougong.tenants.opened.sleep", lambda seconds: None)


def test_what_fails_in_the_middle_leaves_nothing(acme, clock):
    def half(work):
        make(work, "half")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        acme.run(acme.setup_context(clock()), half, write=True)
    assert "half" not in codes(acme)


def test_a_busy_database_is_tried_again(acme, clock):
    tries = []

    def third_time(work):
        tries.append(work)
        make(work, "third")
        if len(tries) < 3:
            raise Busy

    acme.run(acme.setup_context(clock()), third_time, write=True)
    assert len(tries) == 3
    assert "third" in codes(acme)


def test_a_database_that_stays_busy_is_answered_with_503(acme, clock):
    tries = []

    def never(work):
        tries.append(work)
        raise Busy

    with pytest.raises(Refused) as refused:
        acme.run(acme.setup_context(clock()), never, write=True)
    assert refused.value.status == 503
    assert len(tries) == TRIES


@pytest.mark.parametrize(("committing", "tried"), [(False, 2), (True, 1)])
def test_a_connection_lost_in_the_commit_is_never_tried_again(
    acme, clock, monkeypatch, committing, tried
):
    tries = []
    lend = acme.lend

    @contextmanager
    def breaking():
        with lend() as connection:
            yield connection
            if len(tries) == 1:
                raise Lost("gone", committing=committing)

    monkeypatch.setattr(acme, "lend", breaking)
    context = acme.setup_context(clock())
    if committing:
        with pytest.raises(Lost):
            acme.run(context, tries.append, write=True)
    else:
        acme.run(context, tries.append, write=True)
    assert len(tries) == tried


def test_a_read_sees_one_moment(acme, clock):
    context = acme.setup_context(clock())
    with acme.work(context, write=False) as work:
        before = work.connection.run('select count(*) from @."master_data_unit"')
        other = threading.Thread(
            target=lambda: acme.run(context, lambda work: make(work, "meanwhile"), write=True)
        )
        other.start()
        other.join()
        assert work.connection.run('select count(*) from @."master_data_unit"') == before
    assert "meanwhile" in codes(acme)

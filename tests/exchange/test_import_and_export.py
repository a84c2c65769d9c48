"""Files in, files out, on both databases: all or nothing, good rows only, undo, and the way back."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from argon2 import PasswordHasher

from dougong.exchange.load import Outcome, load, load_rows, note
from dougong.exchange.mapping import suggest, with_key
from dougong.exchange.prepare import prepare
from dougong.exchange.table import Table, read_table
from dougong.exchange.undo import batches, undo
from dougong.foundation.errors import Refused
from dougong.jobs.file_jobs import ExportRequest, export_to
from dougong.queries.list_records import list_records
from dougong.queries.query import Query
from dougong.records import store
from dougong.records.work import Work
from dougong.tenants.passwords import Passwords
from dougong.tenants.people import find_login
from dougong.tenants.registry import Registry

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ITEM = "master_data.item"
ITEMS = """编码,名称,计量单位,标准售价,启用
A-1,实木办公桌,pcs,"1,200.00",是
A-2,=cmd|'/c calc'!A1,pcs,33.35,是
A-3,台灯,no_such_unit,20,是
A-4,没有价格,pcs,abc,否
"""


@pytest.fixture
def run(database) -> Callable:
    quick = Passwords(PasswordHasher(time_cost=1, memory_cost=2048, parallelism=1))
    registry = Registry(database.settings, lambda: NOW, passwords=quick)
    registry.create(
        "acme", modules=["sales"], label="安可", language="zh", now=NOW,
        admin_roles=("base.admin", "sales.manager"), password="a long enough password 8",
    )  # fmt: skip
    opened = registry.open("acme")
    with opened.begun(write=False) as (connection, catalog, _):
        admin = find_login(connection, catalog, "admin")
    context = opened.context_of(admin, door="command")

    def act(what: Callable[[Work], object]) -> object:
        return opened.run(context, what, write=True)

    yield act
    registry.close()


def table(text: str) -> Table:
    return read_table(text.encode(), "items.csv")


def take(work: Work, text: str, *, good_only: bool, entity: str = ITEM) -> Outcome:
    source = table(text)
    mapping = with_key(suggest(work.entity(entity), source), work.entity(entity))
    prepared = prepare(work, mapping, {"": source})
    if not good_only:
        return load(work, prepared, mapping, "items.csv")
    outcome = load_rows(work, prepared, prepared.rows, work.new_id())
    note(work, outcome, mapping, "items.csv")
    return outcome


def codes(work: Work) -> list[str]:
    found = list_records(work, ITEM, Query(fields=("code",), sort=("code",)))
    return [row["code"] for row in found.rows]


def test_headings_in_words_are_matched_to_fields(run) -> None:
    def act(work: Work) -> None:
        mapping = suggest(work.entity(ITEM), table(ITEMS))
        fields = {column.field: column.column for column in mapping.columns}
        assert fields == {
            "code": "编码", "name": "名称", "unit": "计量单位", "list_price": "标准售价", "active": "启用",
        }  # fmt: skip

    run(act)


def test_all_or_nothing_tells_every_bad_cell_and_keeps_none(run) -> None:
    with pytest.raises(Refused) as refused:
        run(lambda work: take(work, ITEMS, good_only=False))
    told = {(each.code, each.where.path) for each in refused.value.problems}
    assert told == {("exchange.no-target", "unit"), ("exchange.bad-cell", "list_price")}
    assert run(codes) == []


def test_good_rows_only_keeps_the_good_ones(run) -> None:
    outcome = run(lambda work: take(work, ITEMS, good_only=True))
    assert (outcome.created, outcome.refused) == (2, 2)
    assert [row.number for row in outcome.problems] == [4, 5]
    assert run(codes) == ["A-1", "A-2"]


def test_an_import_is_undone_unless_somebody_changed_the_record(run) -> None:
    first = run(lambda work: take(work, ITEMS, good_only=True))

    def touch(work: Work) -> None:
        found = list_records(
            work, ITEM, Query(filter={"field": "code", "op": "==", "value": "A-1"})
        )
        record = store.read(work, ITEM, int(found.rows[0]["id"]))
        store.change(work, ITEM, int(record["id"]), record["version"], {"spec": "橡木"})

    run(touch)
    undone = run(lambda work: undo(work, first.batch))
    assert undone.deleted == 1
    assert [each.code for each in undone.problems] == ["exchange.changed-since"]
    assert run(codes) == ["A-1"]
    assert run(batches)[0].undone
    with pytest.raises(Refused, match="already-undone"):
        run(lambda work: undo(work, first.batch))


def test_changed_records_get_their_old_values_back(run) -> None:
    run(lambda work: take(work, "编码,名称,计量单位\nA-1,桌,pcs\n", good_only=False))
    second = run(lambda work: take(work, "编码,名称,标准售价\nA-1,新桌,9.5\n", good_only=False))
    assert second.changed == 1
    undone = run(lambda work: undo(work, second.batch))
    assert (undone.restored, undone.problems) == (1, [])

    def name(work: Work) -> tuple[str, object]:
        row = list_records(work, ITEM, Query(fields=("name", "list_price"))).rows[0]
        return row["name"], row["list_price"]

    assert run(name) == ("桌", None)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_is_safe_and_reads_back_without_a_change(run, kind: str) -> None:
    run(lambda work: take(work, ITEMS, good_only=True))
    orders = (
        "客户,客户订单号,明细.物料,明细.数量,明细.单价\n"
        "C1,X-1,A-1,2,1200\n,,A-2,3,33.35\nC1,X-2,A-1,1,\n"
    )

    def fill(work: Work) -> None:
        store.create(work, "master_data.customer", {"code": "C1", "name": "客户一"})
        source = table(orders)
        mapping = suggest(work.entity("sales.order"), source)
        keyed = with_key(
            mapping.__class__(
                mapping.id,
                mapping.entity,
                mapping.label,
                mapping.columns,
                ("customer_order",),
                mapping.lines,
            ),
            work.entity("sales.order"),
        )
        outcome = load(work, prepare(work, keyed, {"": source}), keyed, "orders.csv")
        assert outcome.created == 2

    run(fill)
    for entity, key in ((ITEM, ("code",)), ("sales.order", ("customer_order",))):
        buffer = io.BytesIO()
        request = ExportRequest(entity=entity, kind=kind)
        assert run(lambda work, r=request, b=buffer: export_to(work, r, b)) == 2
        again = read_table(buffer.getvalue(), f"file.{kind}")
        if entity == ITEM and kind == "csv":
            assert "'=cmd|'/c calc'!A1" in buffer.getvalue().decode("utf-8-sig")

        def back(work: Work, again=again, entity=entity, key=key) -> Outcome:
            mapping = suggest(work.entity(entity), again)
            keyed = mapping.__class__(
                mapping.id, mapping.entity, mapping.label, mapping.columns, key, mapping.lines
            )
            return load(work, prepare(work, keyed, {"": again}), keyed, "again")

        outcome = run(back)
        assert (outcome.created, outcome.changed, outcome.same) == (0, 0, 2), (entity, outcome)


def test_a_line_is_a_row_that_says_something(run) -> None:
    """A record without lines stays without; a line of nothing but a link is a line."""
    run(lambda work: take(work, ITEMS, good_only=True))
    heads = "编码,名称,币别,价格.物料,价格.起订数量,价格.单价\n"
    lists = "master_data.price_list"

    def lines_of(work: Work) -> dict[str, list]:
        rows = list_records(work, lists, Query(fields=("code",), sort=("code",))).rows
        return {row["code"]: store.read(work, lists, int(row["id"]))["prices"] for row in rows}

    text = heads + "P1,甲,CNY,A-1,,10\n,,,A-2,,20\nP2,乙,CNY,,,\n"
    assert run(lambda work: take(work, text, good_only=False, entity=lists)).created == 2
    assert {code: len(lines) for code, lines in run(lines_of).items()} == {"P1": 2, "P2": 0}
    again = run(lambda work: take(work, text, good_only=False, entity=lists))
    assert (again.created, again.changed) == (0, 0)
    text = heads + "P1,甲,CNY,A-1,,10\n,,,A-2,,\n"
    with pytest.raises(Refused) as refused:
        run(lambda work: take(work, text, good_only=False, entity=lists))
    assert [each.where.path for each in refused.value.problems] == ["prices.1.price"]


def test_documents_are_known_by_the_number_they_were_issued(run) -> None:
    """An export of submitted orders changes nothing when it is read back; a made-up number is told."""
    run(lambda work: take(work, ITEMS, good_only=True))

    def fill(work: Work) -> None:
        store.create(work, "master_data.customer", {"code": "C1", "name": "客户一"})
        body = {"customer": {"code": "C1"}, "items": [{"item": {"code": "A-1"}, "qty": "1"}]}
        for _ in range(2):
            made = store.create(work, "sales.order", body)
            store.act(work, "sales.order", made.id, "submit", made.version)

    run(fill)
    buffer = io.BytesIO()
    run(lambda work: export_to(work, ExportRequest(entity="sales.order"), buffer))
    text = buffer.getvalue().decode("utf-8-sig")
    again = run(lambda work: take(work, text, good_only=False, entity="sales.order"))
    assert (again.created, again.changed, again.same) == (0, 0, 2)
    with pytest.raises(Refused) as refused:
        run(lambda work: take(work, text.replace("-00001", "-70001"), good_only=False, entity="sales.order"))  # fmt: skip
    assert "records.field-guarded" in [each.code for each in refused.value.problems]


def test_a_row_that_fills_its_header_is_never_a_line_of_the_record_above(run) -> None:
    text = (
        "客户,客户订单号,明细.物料,明细.数量,明细.单价\n"
        "C1,X-1,A-1,2,1200\n,,A-2,3,33.35\nC1,,A-1,1,10\nC1,,A-2,1,20\n"
    )

    def act(work: Work) -> None:
        store.create(work, "master_data.customer", {"code": "C1", "name": "客户一"})
        source = table(text)
        keyed = replace(suggest(work.entity("sales.order"), source), key=("customer_order",))
        rows = prepare(work, keyed, {"": source}).rows
        assert [(row.number, len(row.body["items"])) for row in rows] == [(2, 2), (4, 1), (5, 1)]

    run(lambda work: take(work, ITEMS, good_only=True))
    run(act)

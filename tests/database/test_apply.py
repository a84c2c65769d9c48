"""A plan is carried out on both databases, wholly or not at all, and can be taken back."""

import json
from datetime import UTC, datetime

import pytest
from msgspec import structs

from dougong.catalog.source import SourceSet
from dougong.database.apply import By, apply, current, plan_for, rollback_last
from dougong.database.drift import drift
from dougong.database.lock import Lock, applied_fingerprint
from dougong.database.rows import mark
from dougong.database.state import SYSTEM_TABLES
from dougong.database.tables import Column, ForeignKey, Index, State, Table, digest
from dougong.database.tables import to_json as state_to_json
from dougong.database.types import TYPES
from dougong.foundation.errors import Refused

BY = By(datetime(2026, 3, 1, 8, 0, tzinfo=UTC), 7, "wang", "first of March")


def column(word: str, **more) -> Column:
    name, kind = word.rstrip("!").split(":")
    scale = int(kind[6:] or 0) if kind.startswith("number") else 0
    if kind.startswith("number"):
        kind, types = "number", {"sqlite": "INTEGER", "postgresql": f"NUMERIC(18, {scale})"}
    else:
        types = TYPES["text" if kind == "sort" else kind]
    return Column(
        name=name,
        kind=kind,
        types=types,
        scale=scale,
        required=word.endswith("!"),
        module="shop",
        **more,
    )


def table(name: str, *words: str | Column, entity: str = "", **more) -> Table:
    made = [
        column("id:link!"),
        *(column(word) if isinstance(word, str) else word for word in words),
    ]
    return Table(
        name=name,
        columns={one.name: one for one in made},
        entity=entity or name.replace("_", ".", 1),
        module="shop",
        **more,
    )


def state(*tables: Table, modules: dict[str, str] | None = None) -> State:
    every = {one.name: one for one in (*SYSTEM_TABLES, *tables)}
    return State(every, {"shop": "1", "dougong": ""} if modules is None else modules)


def lock(made: State, name: str = "") -> Lock:
    files = {"module.yaml": name}
    return Lock(0, name or digest(state_to_json(made)), made, (SourceSet("module", "shop", files),))


def bring(connection, *tables: Table, **more):
    new = lock(state(*tables))
    return apply(connection, plan_for(connection, new.state), new, by=BY, **more)


def rows(connection, sql: str, *params):
    connection.begin(write=False)
    try:
        return connection.run(sql, params)
    finally:
        connection.rollback()


def put(connection, table: str, *made: tuple) -> None:
    marks = ", ".join([mark(connection.dialect)] * len(made[0]))
    connection.begin(write=True)
    connection.change_many(f'insert into @."{table}" values ({marks})', made)
    connection.commit()


ITEM = table(
    "shop_item", "code:text!", "name:text", "qty:number2",
    indexes={"ix__shop_item__key": Index("ix__shop_item__key", ("code",), unique=True)},
)  # fmt: skip


@pytest.fixture
def shop(database):
    """A tenant with two items: A (1.25 of it) and B (nothing known)."""
    opened = database.connection("alpha")
    bring(opened, ITEM)
    stored = 125 if opened.dialect == "sqlite" else "1.25"
    put(opened, "shop_item", (1, "A", "甲", stored), (2, "B", None, None))
    return opened


def test_a_new_tenant_has_every_table_and_no_drift(shop):
    assert drift(shop, current(shop).state) == []
    assert rows(shop, 'select name, value from @."dougong_stamp" order by name') == [
        ("catalog", 2),
        ("security", 1),
    ]


def test_the_same_again_changes_nothing(shop):
    new = lock(state(ITEM))
    made = plan_for(shop, new.state)
    assert made.steps == ()
    assert not apply(shop, made, new, by=BY).changed
    assert rows(shop, "select value from @.\"dougong_stamp\" where name = 'catalog'") == [(2,)]
    assert len(rows(shop, 'select 1 from @."dougong_journal"')) == 1
    shop.begin(write=False)
    assert applied_fingerprint(shop) == new.fingerprint
    shop.commit()


def test_a_plan_carried_out_twice_changes_nothing_the_second_time(shop):
    new = lock(
        state(
            table(
                "shop_item",
                "code:text!",
                "name:text",
                "qty:number2",
                "unit:text",
                indexes=ITEM.indexes,
            )
        )
    )
    made = plan_for(shop, new.state)
    assert apply(shop, made, new, by=BY).changed
    assert not apply(shop, made, new, by=BY).changed


def test_other_words_are_kept_without_a_step(shop):
    new = lock(state(ITEM), "other words")
    assert apply(shop, plan_for(shop, new.state), new, by=BY).changed
    kept = current(shop)
    assert kept.fingerprint == "other words"
    assert kept.sources[0].files == {"module.yaml": "other words"}
    said = rows(shop, 'select login, why, diff from @."dougong_journal" order by id desc')[0]
    diff = said[2] if shop.schema else json.loads(said[2])
    assert said[:2] == ("wang", "first of March")
    assert diff == {"added": [], "changed": ["shop/module.yaml"], "removed": []}


def test_a_rename_keeps_data_trail_and_index(shop):
    now = "2026-03-01T08:00:00.000000Z"
    changes = json.dumps({"name": ["乙", "甲"], "": [None, {"name": "乙", "code": "A"}]})
    put(
        shop,
        "dougong_trail",
        (9, now, 7, "wang", "api", "shop.item", 1, 1, "", changes, None, "", 1),
    )
    after = table(
        "shop_item", "code:text!", column("title:text", renamed=("name",)), "qty:number2",
        indexes={"ix__t": Index("ix__t", ("title",)), **ITEM.indexes},
    )  # fmt: skip
    bring(shop, after)
    assert rows(shop, 'select title from @."shop_item" order by id') == [("甲",), (None,)]
    said = rows(shop, 'select changes from @."dougong_trail"')[0][0]
    assert (said if shop.schema else json.loads(said)) == {
        "title": ["乙", "甲"],
        "": [None, {"title": "乙", "code": "A"}],
    }
    assert drift(shop, current(shop).state) == []


def test_a_renamed_entity_keeps_lines_links_and_what_is_said_of_it(database):
    shop = database.connection("alpha")
    order = table("shop_order", "code:text!", "party:link", "kind:entity")
    lines = table(
        "shop_order__items", "parent:link!", "qty:number2", entity="shop.order", lines="items",
        foreign={"parent": ForeignKey("parent", "shop_order", cascade=True)},
    )  # fmt: skip
    pay = table("shop_pay", "order:link", foreign={"order": ForeignKey("order", "shop_order")})
    bring(shop, order, lines, pay)
    put(shop, "shop_order", (1, "A", 1, "shop.order"))
    put(shop, "shop_order__items", (2, 1, 125 if shop.dialect == "sqlite" else "1.25"))
    put(shop, "shop_pay", (3, 1))
    now = "2026-03-01T08:00:00.000000Z"
    changes = {
        "items.2.qty": ["1.00", "1.25"],
        "": [None, {"items": [{"qty": "1.00"}]}],
        "items.2": [None, {"qty": "1"}],
    }
    put(
        shop,
        "dougong_trail",
        (9, now, 7, "wang", "api", "shop.order", 1, 1, "", json.dumps(changes), None, "", 1),
    )
    new_order = structs.replace(
        order, name="shop_sale", entity="shop.sale", renamed=("shop.order",)
    )
    new_lines = structs.replace(
        table("shop_sale__rows", "parent:link!", column("amount:number2", renamed=("qty",))),
        entity="shop.sale", lines="rows", renamed=("items",),
        foreign={"parent": ForeignKey("parent", "shop_sale", cascade=True)},
    )  # fmt: skip
    new_pay = structs.replace(pay, foreign={"order": ForeignKey("order", "shop_sale")})
    bring(shop, new_order, new_lines, new_pay)
    assert rows(shop, 'select code, kind from @."shop_sale"') == [("A", "shop.sale")]
    assert rows(shop, 'select parent from @."shop_sale__rows"') == [(1,)]
    entity, said = rows(shop, 'select entity, changes from @."dougong_trail"')[0]
    assert entity == "shop.sale"
    assert (said if shop.schema else json.loads(said)) == {
        "rows.2.amount": ["1.00", "1.25"],
        "": [None, {"rows": [{"amount": "1.00"}]}],
        "rows.2": [None, {"amount": "1"}],
    }
    assert drift(shop, current(shop).state) == []
    assert rollback_last(shop, by=BY).changed
    assert rows(shop, 'select code, kind from @."shop_order"') == [("A", "shop.order")]
    assert drift(shop, current(shop).state) == []


def test_more_decimals_keep_every_value(shop):
    bring(shop, structs.replace(ITEM, columns={**ITEM.columns, "qty": column("qty:number6")}))
    value = rows(shop, 'select qty from @."shop_item" where id = 1')[0][0]
    assert str(value) in ("1250000", "1.250000")
    assert drift(shop, current(shop).state) == []


def test_fewer_decimals_round_with_consent_and_come_back(shop):
    after = structs.replace(ITEM, columns={**ITEM.columns, "qty": column("qty:number1")})
    with pytest.raises(Refused) as caught:
        bring(shop, after)
    assert caught.value.problems[0].code == "database.destructive-without-consent"
    bring(shop, after, consent=True)
    assert str(rows(shop, 'select qty from @."shop_item" where id = 1')[0][0]) in ("13", "1.3")
    rollback_last(shop, by=BY)
    assert str(rows(shop, 'select qty from @."shop_item" where id = 1')[0][0]) in ("125", "1.25")
    assert drift(shop, current(shop).state) == []


def test_a_number_becomes_text(shop):
    bring(shop, structs.replace(ITEM, columns={**ITEM.columns, "qty": column("qty:text")}))
    assert rows(shop, 'select qty from @."shop_item" order by id') == [("1.25",), (None,)]


def test_what_is_dropped_is_parked_and_comes_back(shop):
    retired = structs.replace(
        ITEM, columns={**ITEM.columns, "name": column("name:text", retired=True)}
    )
    bring(shop, retired)
    gone = table("shop_item", "code:text!", "qty:number2", indexes=ITEM.indexes)
    with pytest.raises(Refused):
        bring(shop, gone)
    bring(shop, gone, consent=True)
    assert "name" not in current(shop).state.tables["shop_item"].columns
    put(shop, "shop_item", (3, "C", None))
    rollback_last(shop, by=BY)
    assert rows(shop, 'select id, name from @."shop_item" order by id') == [
        (1, "甲"),
        (2, None),
        (3, None),
    ]
    assert drift(shop, current(shop).state) == []
    assert [one[0] for one in rows(shop, 'select act from @."dougong_journal" order by id')][
        -1
    ] == "rollback"


def test_a_module_that_leaves_parks_its_tables_and_comes_back(shop):
    new = lock(state(modules={"dougong": ""}))
    made = plan_for(shop, new.state)
    apply(shop, made, new, by=BY, consent=True)
    assert len(rows(shop, 'select 1 from @."dougong_parked"')) == 2
    rollback_last(shop, by=BY)
    assert [row[:3] for row in rows(shop, 'select * from @."shop_item" order by id')] == [
        (1, "A", "甲"),
        (2, "B", None),
    ]
    assert str(rows(shop, 'select qty from @."shop_item" where id = 1')[0][0]) in ("125", "1.25")


def test_taking_back_what_was_added_parks_it_in_turn(shop):
    after = structs.replace(ITEM, columns={**ITEM.columns, "unit": column("unit:text")})
    bring(shop, after)
    put(shop, "shop_item", (3, "C", None, None, "pcs"))
    with pytest.raises(Refused) as caught:
        rollback_last(shop, by=BY)
    assert caught.value.problems[0].code == "database.destructive-without-consent"
    rollback_last(shop, by=BY, consent=True)
    assert len(rows(shop, 'select 1 from @."dougong_parked"')) == 1
    with pytest.raises(Refused) as caught:
        rollback_last(shop, by=BY)
    assert caught.value.problems[0].code == "database.nothing-to-undo"


def test_a_new_required_field_takes_its_value_from_a_formula(shop):
    filler = {"sqlite": ('t."code" || ?', ["-1"]), "postgresql": ('t."code" || %s', ["-1"])}
    unit = column("unit:text!", fill="code + '-1'", filler=filler)
    bring(shop, structs.replace(ITEM, columns={**ITEM.columns, "unit": unit}))
    assert rows(shop, 'select unit from @."shop_item" order by id') == [("A-1",), ("B-1",)]
    assert drift(shop, current(shop).state) == []


class Tasks:
    """Computes everything to "x" and makes sort keys of the code."""

    def compute(self, connection, table, column):
        connection.change(
            f'update @."{table.name}" set "{column}" = \'x\' where "{column}" is null'
        )

    def reindex(self, connection, table, columns):
        for name in columns:
            connection.change(f'update @."{table.name}" set "{name}" = lower(code)')


def test_what_sql_cannot_say_is_done_by_whoever_can(shop):
    words = {
        "unit": column("unit:text!", fill="price_of()"),
        "code__sort": column("code__sort:sort"),
    }
    bring(shop, structs.replace(ITEM, columns={**ITEM.columns, **words}), tasks=Tasks())
    assert rows(shop, 'select unit, code__sort from @."shop_item" order by id') == [
        ("x", "a"),
        ("x", "b"),
    ]


def test_a_failing_task_leaves_everything_as_it_was(shop):
    words = {"unit": column("unit:text!", fill="price_of()")}
    before = current(shop)
    with pytest.raises(LookupError):
        bring(shop, structs.replace(ITEM, columns={**ITEM.columns, **words}))
    assert current(shop) == before
    assert drift(shop, before.state) == []


def test_required_and_loosened(shop):
    tight = structs.replace(ITEM, columns={**ITEM.columns, "name": column("name:text!")})
    with pytest.raises(Refused) as caught:
        bring(shop, tight)
    assert caught.value.problems[0].code == "database.required-without-value"
    shop.begin(write=True)
    shop.change("update @.\"shop_item\" set name = '乙' where name is null")
    shop.commit()
    bring(shop, tight)
    assert drift(shop, current(shop).state) == []
    bring(shop, ITEM)
    assert drift(shop, current(shop).state) == []


def test_links_become_held_and_let_go(shop):
    line = table("shop_line", "item:link")
    bring(shop, ITEM, line)
    put(shop, "shop_line", (10, 1))
    held = structs.replace(line, foreign={"item": ForeignKey("item", "shop_item")})
    bring(shop, ITEM, held)
    assert drift(shop, current(shop).state) == []
    bring(shop, ITEM, line)
    assert drift(shop, current(shop).state) == []


def test_a_plan_that_is_out_of_date_is_refused(shop):
    one = lock(state(structs.replace(ITEM, columns={**ITEM.columns, "a": column("a:text")})))
    other = lock(state(structs.replace(ITEM, columns={**ITEM.columns, "b": column("b:text")})))
    made = plan_for(shop, one.state)
    bring(shop, structs.replace(ITEM, columns={**ITEM.columns, "c": column("c:text")}))
    for new in (one, other):
        with pytest.raises(Refused) as caught:
            apply(shop, made, new, by=BY)
        assert caught.value.problems[0].code == "database.plan-out-of-date"
    altered = structs.replace(plan_for(shop, current(shop).state), steps=made.steps)
    with pytest.raises(Refused):
        apply(shop, altered, lock(current(shop).state, "altered"), by=BY)


def test_rows_that_came_after_the_plan_are_told(shop):
    unique = structs.replace(
        ITEM, indexes={**ITEM.indexes, "u": Index("u", ("name",), unique=True)}
    )
    new = lock(state(unique))
    made = plan_for(shop, new.state)
    put(shop, "shop_item", (3, "C", "甲", None))
    with pytest.raises(Refused) as caught:
        apply(shop, made, new, by=BY)
    assert caught.value.problems[0].code == "database.rows-alike"
    assert drift(shop, current(shop).state) == []


WORDS = [
    "from",
    "to",
    "user",
    "default",
    "key",
    "class",
    "select",
    "where",
    "group",
    "order",
    "table",
    "index",
    "check",
    "primary",
    "limit",
    "offset",
]


def test_names_that_are_words_of_sql(database):
    shop = database.connection("alpha")
    plain = table("shop_order", *(f"{word}:text" for word in WORDS))
    indexes = {f"ix__{word}": Index(f"ix__{word}", (word,)) for word in WORDS}
    bring(shop, plain)
    bring(shop, structs.replace(plain, indexes=indexes))
    put(shop, "shop_order", (1, *WORDS))
    columns = {**plain.columns, "user": column("user:text!")}
    moved = {("of" if name == "from" else name): one for name, one in columns.items()}
    moved["of"] = column("of:text", renamed=("from",))
    bring(shop, table("shop_order", *list(moved.values())[1:]))
    assert rows(shop, 'select "of", "to", "user" from @."shop_order"') == [("from", "to", "user")]
    assert drift(shop, current(shop).state) == []


def test_a_hundred_and_forty_columns(database):
    shop = database.connection("alpha")
    wide = table("shop_wide", *(f"field_{n}:text" for n in range(140)))
    bring(shop, wide)
    put(shop, "shop_wide", (1, *(str(n) for n in range(140))))
    tight = structs.replace(wide, columns={**wide.columns, "field_77": column("field_77:text!")})
    bring(shop, tight)
    assert rows(shop, 'select field_139 from @."shop_wide"') == [("139",)]
    assert drift(shop, current(shop).state) == []

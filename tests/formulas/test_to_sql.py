"""SQL that an index can serve, parameters filled later, and functions every tenant may call."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from dougong.formulas import to_sql
from dougong.formulas.to_sql import Column, Piece, Rows, Slot, bind
from dougong.formulas.tree import Path, Type

DIALECTS = ("sqlite", "postgresql")


def piece(desk: Any, text: str, dialect: Any, **keys: Any) -> Piece:
    def column(path: Path) -> Column:
        assert path.type is not None
        if len(path.names) == 2:
            return Column(
                f'(select x."{path.names[1]}" from c x where x."id" = t."{path.names[0]}" and x."n" > ?)',
                path.type.scale,
                (5,),
            )
        return Column(
            f't."{path.names[0]}"', path.type.scale, null=path.names[0] not in ("state", "company")
        )

    return to_sql.sql(
        desk.formula(text), dialect, column,
        rows=lambda name: Rows(f'@."{name}" l', 'l."parent" = t."id"'),
        record=lambda entity, key: Piece("(select id from known where code = ?)", (key,)), **keys,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "sqlite", "postgresql"),
    [
        ("state == 'draft'", '(t."state" = ?)', '(t."state" = %s::text)'),
        ("note == 'a'", '(t."note" = ?)', '(t."note" = %s::text)'),
        ("net > 5", '(t."net" > 500)', '(t."net" > 5)'),
        ("n >= 5", '(t."n" >= 5)', '(t."n" >= 5)'),
        ("owner == user", '(t."owner" = ?)', '(t."owner" = %s::bigint)'),
        ("company in user.companies", '(t."company" in (select value from json_each(?)))', '(t."company" = any(%s::bigint[]))'),
        ("date >= '2026-01-01'", '(t."date" >= ?)', '(t."date" >= %s::date)'),
        ("state in ['draft', 'closed']", '(t."state" in (?, ?))', '(t."state" in (%s::text, %s::text))'),
        ("n in [1, 2]", '(t."n" in (1, 2))', '(t."n" in (1, 2))'),
        ("urgent", 't."urgent"', 't."urgent"'),
        ("due < today()", '(t."due" < ?)', '(t."due" < %s::date)'),
        ("due == null", '(t."due" is null)', '(t."due" is null)'),
    ],
)  # fmt: skip
def test_conditions_leave_columns_bare(text: str, sqlite: str, postgresql: str, desk: Any) -> None:
    assert piece(desk, text, "sqlite", condition=True).text == sqlite
    assert piece(desk, text, "postgresql", condition=True).text == postgresql


@pytest.mark.parametrize(
    ("text", "sqlite", "postgresql"),
    [
        ("note != 'a'", '(not (t."note" is ?))', '(not (t."note" is not distinct from %s::text))'),
        ("not urgent", '(not (t."urgent" is true))', '(not (t."urgent" is true))'),
        ("not (net > 5)", '(not ((t."net" > 500) is true))', '(not ((t."net" > 5) is true))'),
        ("note not in ['a']", '((t."note" in (?)) is not true)', '((t."note" in (%s::text)) is not true)'),
    ],
)  # fmt: skip
def test_what_null_would_turn_over_is_guarded(
    text: str, sqlite: str, postgresql: str, desk: Any
) -> None:
    assert piece(desk, text, "sqlite", condition=True).text == sqlite
    assert piece(desk, text, "postgresql", condition=True).text == postgresql


def test_an_index_serves_beside_a_parameter_that_may_be_null(desk: Any) -> None:
    scope = desk.shop(allows=frozenset({"this"}))
    formula = desk.formula("customer == this.customer", scope)
    found = to_sql.sql(formula, "postgresql", lambda path: Column('t."customer"'), condition=True)
    assert found.text == (
        '(t."customer" = %s::bigint or (t."customer" is null and %s::bigint is null))'
    )
    assert [param.name for param in found.params] == ["this.customer"] * 2


def test_a_program_can_say_nothing_but_arithmetic() -> None:
    run = {name: function for name, _, function in to_sql.sqlite_functions()}["dougong_formula"]
    for program in (
        '["a","0].__class__"]',
        '["c","__import__(1)"]',
        '["up",["a",0],"x"]',
        '["eval",1]',
        '["cut_at",["a",0],["a",0],1,1,"x"]',
    ):
        with pytest.raises((ValueError, KeyError, TypeError)):
            run(program, 1)


def test_slots_know_their_types_and_are_filled_later(desk: Any) -> None:
    found = piece(
        desk,
        "company in user.companies and owner == user and due < today()",
        "sqlite",
        condition=True,
    )
    assert [(param.name, param.type.kind, param.type.many) for param in found.params] == [
        ("user.companies", "link", True), ("user", "link", False), ("today", "date", False),
    ]  # fmt: skip
    assert [param.bind(value, "sqlite") for param, value in zip(found.params, ((1, 2), 7, date(2026, 6, 30)), strict=True)] == [
        "[1, 2]", 7, "2026-06-30",
    ]  # fmt: skip
    assert found.params[0].bind((1, 2), "postgresql") == [1, 2]


def test_values_are_bound_as_they_are_stored() -> None:
    assert bind(Decimal("1.5"), Type("number", 2), "sqlite") == 150
    assert bind(Decimal("1.5"), Type("number", 2), "postgresql") == Decimal("1.5")
    assert (
        bind(datetime(2026, 6, 30, 8, tzinfo=UTC), Type("datetime"), "sqlite")
        == "2026-06-30T08:00:00.000000Z"
    )
    assert [bind(flag, Type("boolean"), "sqlite") for flag in (True, False)] == [1, 0]
    assert json.loads(bind(("sales.clerk",), Type("text", many=True), "sqlite")) == ["sales.clerk"]
    assert bind(None, Type("number", 2), "sqlite") is None
    with pytest.raises(ValueError, match="decimals"):
        bind(Decimal("1.555"), Type("number", 2), "sqlite")


def test_parameters_stand_in_the_order_of_their_places(desk: Any) -> None:
    found = piece(
        desk,
        "customer.name == 'a' and sum(items.qty, where = items.kind == 'b') > 1 and currency == 'CNY' and note == 'c'",
        "sqlite",
        condition=True,
    )
    assert found.params == (5, "a", "b", "CNY", "c")
    assert found.text.count("?") == 5


def test_numbers_come_with_their_scale(desk: Any) -> None:
    assert piece(desk, "net + tax", "sqlite") == Piece('(t."net" + t."tax")', (), 2)
    assert piece(desk, "net + tax", "sqlite", scale=4).scale == 4
    assert piece(desk, "sum(items.amount)", "sqlite") == Piece(
        '(select coalesce(sum(t."amount"), 0) from @."items" l where (l."parent" = t."id"))', (), 2
    )
    with pytest.raises(ValueError, match="decimals"):
        piece(desk, "qty", "sqlite", scale=2)


def test_plain_sql_is_only_written_where_63_bits_are_proved(desk: Any) -> None:
    assert "dougong_formula" not in piece(desk, "net + tax", "sqlite").text
    assert "dougong_formula" not in piece(desk, "n * 9", "sqlite").text
    for text in ("n * 10", "net * tax", "qty / 3", "net > qty", "round(qty, 2)"):
        assert "dougong_formula" in piece(desk, text, "sqlite").text, text


def test_every_tenant_may_call_the_functions(database: Any) -> None:
    connection = database.connection()
    connection.begin(write=True)
    if database.dialect == "sqlite":
        asked = [
            ("dougong_add_months('2026-01-31', 1)", "2026-02-28"),
            ("dougong_add_days('9999-12-31', 1)", None),
            ("""dougong_formula('["/",["a",0],["a",1],10]', 2, 3)""", 6666666667),
            ("""dougong_formula('["*",["a",0],["a",0]]', 9999999999)""", "99999999980000000001"),
            ("dougong_sum('[9223372036854775807, \"1\", null]')", "9223372036854775808"),
        ]
    else:
        asked = [
            ("dougong.add_months(date '2026-01-31', 1)", date(2026, 2, 28)),
            ("dougong.add_days(date '9999-12-31', 1)", None),
            ("dougong.divide(2, 3)", Decimal("0.6666666667")),
            ("dougong.divide(-1, 0)", None),
            ("dougong.round_to(1234.565, 2)", Decimal("1234.57")),
            ("dougong.floor_to_places(-1250, -2)", Decimal("-1300")),
            ("dougong.ceil_to(7, 2.5)", Decimal("7.5")),
        ]
    for text, value in asked:
        assert connection.run(f"select {text}") == [(value,)], text
    connection.rollback()


def test_the_default_value_of_a_path_outside_is_a_slot_by_its_name() -> None:
    assert to_sql.slot(Path(0, ("customer", "name"), "this")) == Slot("this.customer.name")
    assert to_sql.slot(Path(0, (), "today")) == Slot("today")


def test_a_place_without_lines_says_so(desk: Any) -> None:
    with pytest.raises(LookupError):
        to_sql.sql(desk.formula("sum(items.qty)"), "sqlite", lambda path: Column("x", 6))

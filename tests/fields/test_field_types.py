"""Every field type: what goes in comes out again, and what can't be kept is refused with a reason."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy.dialects import postgresql, sqlite

from dougong.fields.field_type import BadValue, Shape
from dougong.fields.links import KeyOf
from dougong.fields.numbers import DecimalType
from dougong.fields.source_names import NAMES
from dougong.fields.types import FIELD_TYPES, field_type, scale_of

NUMBERS = ("decimal", "money", "quantity", "price", "percent")
LINES = some.text(
    some.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=60
)
IDS = some.integers(1, 2**63 - 1)
FILE = {"hash": "a" * 64, "name": "图.png", "size": 12, "type": "image/png"}
JSON = some.recursive(
    some.none() | some.booleans() | some.integers(-(2**60), 2**60) | LINES,
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(LINES, inner, max_size=4),
    max_leaves=10,
)
GIVEN: dict[str, some.SearchStrategy[Any]] = {
    **dict.fromkeys(("text", "code", "barcode"), LINES),
    **{name: some.text(some.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]) | some.just("\n"))
       for name in ("long_text", "markdown", "rich_text", "html")},
    "phone": some.from_regex(r"\+[0-9]{3,12}", fullmatch=True),
    "email": some.from_regex(r"[a-z]{1,9}@[a-z]{1,9}\.cn", fullmatch=True),
    "url": some.from_regex(r"https://[a-z]{1,9}\.cn/[a-z]{0,9}", fullmatch=True),
    "colour": some.from_regex(r"#[0-9a-f]{6}", fullmatch=True),
    "entity": some.sampled_from(["sales.order", "base.user"]),
    "integer": some.integers(1 - 10**18, 10**18 - 1),
    "duration": some.integers(0, 10**9),
    "rating": some.integers(0, 5),
    "boolean": some.booleans(),
    "choice": some.sampled_from(["1", "no"]),
    "date": some.dates(),
    "time": some.times(),
    "datetime": some.datetimes(
        min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1), timezones=some.just(UTC)
    ),
    "link": IDS,
    "links": some.lists(IDS, min_size=1, max_size=5),
    "json": JSON.filter(lambda value: value is not None),
    "location": some.just({"lat": "31.230416", "lon": "-121.473701"}),
    **{name: some.just(FILE) for name in ("attachment", "image", "signature")},
}  # fmt: skip
SHAPES = {"choice": Shape("choice", options=("1", "no"), keys=("pending", "no"))}


def shape_of(name: str) -> Shape:
    return SHAPES.get(name, Shape(name))


def run(source: str, value: Any) -> Any:
    return eval(source, dict(NAMES), {"v": value})


def round_trip(name: str, value: Any, shape: Shape) -> None:
    kind = field_type(name)
    sent = kind.wire(value, shape)
    assert run(kind.json_source("v", shape, required=False), value) == sent
    assert kind.accept(sent, shape) == value
    if name != "json":  # a text is a JSON value itself
        assert kind.accept(kind.text(value, shape), shape) == value
    stored = run(kind.store_source("v", shape, "sqlite", required=False), value)
    assert run(kind.load_source("v", shape, "sqlite", required=False), stored) == value
    assert run(kind.wire_source("v", shape, "sqlite", required=False), stored) == sent
    assert run(kind.load_source("v", shape, "postgresql", required=False), value) == value
    assert run(kind.wire_source("v", shape, "postgresql", required=False), value) == sent
    decoded = msgspec.json.decode(msgspec.json.encode(sent), type=kind.annotation(shape) | None)
    if decoded is not None:
        assert run(kind.accept_source("v", shape), decoded) == value


@pytest.mark.parametrize("name", sorted(GIVEN))
@given(data=some.data())
@settings(max_examples=40, deadline=None)
def test_a_value_survives_store_load_wire_and_accept(name: str, data: some.DataObject) -> None:
    shape = shape_of(name)
    value = field_type(name).accept(data.draw(GIVEN[name]), shape)
    round_trip(name, value, shape)


@pytest.mark.parametrize("name", NUMBERS)
@given(whole=some.integers(1 - 10**18, 10**18 - 1), scale=some.integers(0, 10))
@settings(max_examples=60, deadline=None)
def test_eighteen_digits_survive_at_every_scale(name: str, whole: int, scale: int) -> None:
    shape = Shape(name, scale=scale)
    value = Decimal(whole).scaleb(-scale)
    round_trip(name, field_type(name).accept(format(value, "f"), shape), shape)


@pytest.mark.parametrize("name", sorted(FIELD_TYPES))
def test_none_stays_none(name: str) -> None:
    kind, shape = field_type(name), shape_of(name)
    empty = [] if name == "links" else None
    assert kind.accept(None, shape) is None
    assert kind.wire(None, shape) == empty
    assert kind.text(None, shape) == ""
    for dialect in ("sqlite", "postgresql"):
        assert run(kind.store_source("v", shape, dialect, required=False), None) is None
        assert run(kind.load_source("v", shape, dialect, required=False), None) is None
        assert run(kind.wire_source("v", shape, dialect, required=False), None) == empty
    assert run(kind.json_source("v", shape, required=False), None) == empty


@pytest.mark.parametrize("name", sorted(FIELD_TYPES))
def test_every_type_has_a_column_on_both_databases(name: str) -> None:
    kind, shape = field_type(name), shape_of(name)
    assert kind.column(shape, "sqlite").compile(dialect=sqlite.dialect())
    assert kind.column(shape, "postgresql").compile(dialect=postgresql.dialect())
    assert isinstance(kind.schema(shape), dict)


def refusal(name: str, value: Any, shape: Shape | None = None) -> str:
    with pytest.raises(BadValue) as refused:
        field_type(name).accept(value, shape or shape_of(name))
    return refused.value.kind.code


@pytest.mark.parametrize("name", [*NUMBERS, "integer", "rating", "duration"])
@pytest.mark.parametrize("value", [1.5, 1.0, float("nan"), float("inf")])
def test_a_float_never_gets_in(name: str, value: float) -> None:
    assert refusal(name, value) == "fields.float"


@pytest.mark.parametrize(
    "value", ["NaN", "sNaN", "Infinity", "-inf", "1_0", "abc", "1,5", "0x1", True, [], {}]
)
def test_what_is_no_number_is_refused(value: Any) -> None:
    assert refusal("money", value) == "fields.not-a-number"


def test_nothing_is_rounded_silently() -> None:
    assert refusal("money", "1.005") == "fields.too-many-decimals"
    assert refusal("money", "1" + "0" * 16) == "fields.too-large"
    assert refusal("money", "1e400") == "fields.too-large"
    assert refusal("money", "1234567890123456.123") == "fields.too-many-decimals"
    assert field_type("money").accept("1.500", Shape("money")) == Decimal("1.50")


def test_minus_zero_is_zero() -> None:
    kind, shape = DecimalType("money", 2), Shape("money")
    assert str(kind.accept("-0", shape)) == "0.00"
    assert str(run(kind.accept_source("v", shape), "-0")) == "0.00"
    assert str(run(kind.settle_source("v", shape), Decimal("-0"))) == "0.00"


@pytest.mark.parametrize("value", ["NaN", "1.005", "x", "1e30"])
def test_the_fast_path_refuses_what_the_slow_path_refuses(value: str) -> None:
    with pytest.raises((BadValue, ArithmeticError, ValueError)):
        run(field_type("money").accept_source("v", Shape("money")), value)


def test_a_percent_may_be_written_with_its_sign() -> None:
    assert field_type("percent").accept("13%", Shape("percent")) == Decimal("0.13")


def test_default_scales() -> None:
    assert [scale_of(Shape(name)) for name in ("money", "price", "quantity", "percent")] == [
        2,
        6,
        6,
        6,
    ]
    assert scale_of(Shape("money", scale=4)) == 4


def test_texts_keep_one_line_and_their_length() -> None:
    assert field_type("text").accept("  甲公司　", Shape("text")) == "甲公司"
    assert field_type("text").accept("   ", Shape("text")) is None
    assert refusal("text", "a\nb") == "fields.not-one-line"
    assert refusal("text", "a\x00b") == "fields.not-one-line"
    assert refusal("long_text", "a\x00b") == "fields.control-character"
    assert refusal("text", "abcd", Shape("text", length=3)) == "fields.too-long"
    assert field_type("long_text").accept("a\r\nb\rc", Shape("long_text")) == "a\nb\nc"


@pytest.mark.parametrize(("name", "value"), [
    ("email", "no at"), ("email", "a@b..c"), ("url", "javascript:alert(1)"), ("url", "ftp://a"),
    ("phone", "none"), ("colour", "red"), ("date", "2026-02-30"), ("date", "20260203"), ("date", "2026-W23-3"),
    ("time", "25:00"), ("datetime", "2026-01-01"), ("datetime", "2026-01-01T00:00:00"), ("choice", "2"), ("link", "x"),
    ("link", 0), ("link", 2**63), ("link", 1.0), ("link", True), ("links", "a,b"), ("links", {"a": 1}),
    ("boolean", 1), ("boolean", "maybe"), ("json", float("nan")), ("location", {"lat": "91", "lon": "0"}),
    ("image", {**FILE, "type": "image/svg+xml"}), ("image", {**FILE, "name": "../x"}), ("image", "{"), ("rating", 6),
])  # fmt: skip
def test_what_does_not_fit_is_refused(name: str, value: Any) -> None:
    assert refusal(name, value).startswith("fields.")


def test_a_deep_json_value_is_refused() -> None:
    value: Any = 1
    for _ in range(30):
        value = [value]
    assert refusal("json", value) == "fields.not-json"


def test_an_instant_is_kept_in_utc() -> None:
    read = field_type("datetime").accept("2026-06-30T09:30:00+08:00", Shape("datetime"))
    assert read == datetime(2026, 6, 30, 1, 30, tzinfo=UTC)
    assert field_type("datetime").wire(read, Shape("datetime")) == "2026-06-30T01:30:00.000000Z"
    east = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=8)))
    assert field_type("datetime").accept(east, Shape("datetime")) == east


def test_plain_python_values_are_taken() -> None:
    assert field_type("date").accept(date(2026, 1, 2), Shape("date")) == date(2026, 1, 2)
    assert field_type("time").accept(time(9, 30), Shape("time")) == time(9, 30)
    assert field_type("money").accept(Decimal("1.5"), Shape("money")) == Decimal("1.50")


def test_a_link_may_be_named_by_its_business_key() -> None:
    assert field_type("link").accept({"code": "C1"}, Shape("link")) == KeyOf((("code", "C1"),))
    assert field_type("link").accept({"id": "5"}, Shape("link")) == 5


def test_a_password_is_hashed_and_never_shown() -> None:
    kind, shape = field_type("password"), Shape("password")
    kept = kind.accept("secret", shape)
    assert "secret" not in kept
    assert kind.wire(kept, shape) is None
    assert run(kind.wire_source("v", shape, "sqlite", required=True), kept) is None

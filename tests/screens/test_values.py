"""Values as people read them."""

import pytest

from dougong.screens.values import Reader, number_text, sayer


@pytest.mark.parametrize(
    ("value", "type_", "scale", "text"),
    [
        ("1234567.5", "money", 2, "1,234,567.50"),
        ("-0.05", "money", 2, "-0.05"),
        ("12.340000", "price", 6, "12.34"),
        ("12.345600", "price", 6, "12.3456"),
        ("5", "money", 0, "5"),
        ("10.000000", "quantity", 6, "10"),
        ("0.500000", "quantity", 6, "0.5"),
        ("0.130000", "percent", 6, "13%"),
        ("0.085000", "percent", 6, "8.5%"),
        ("0", "percent", 6, "0%"),
        (3000, "integer", 0, "3,000"),
        ("999999999999999999", "decimal", 0, "999,999,999,999,999,999"),
    ],
)
def test_numbers(value: object, type_: str, scale: int, text: str) -> None:
    assert number_text(value, type_, scale) == text


def test_an_instant_is_told_in_the_company_s_time_zone(reader: Reader) -> None:
    say = sayer("datetime", None, {}, reader, "datetime")
    assert say("2026-11-24T17:30:00.000000Z") == "2026-11-25 01:30"


def test_options_links_yes_and_nothing(reader: Reader) -> None:
    assert sayer("choice", None, {"a": "甲"}, reader)("a") == "甲"
    assert sayer("boolean", None, {}, reader, "boolean")(0) == "否"
    assert sayer("link", None, {}, reader, "link")({"id": "5", "title": "恒泰"}) == "恒泰"
    assert sayer("links", None, {}, reader, "links")([{"title": "甲"}, {"title": "乙"}]) == "甲、乙"
    assert sayer("money", 2, {}, reader, "number")(None) == ""

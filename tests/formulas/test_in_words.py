"""Conditions are told to people in words."""

import pytest

from dougong.formulas.in_words import in_words
from dougong.formulas.parse import parse
from dougong.formulas.tree import Formula, Type
from dougong.foundation.translate import Label

NAMES = {
    ("qty",): Label.of({"zh": "数量", "en": "Qty"}),
    ("due",): Label.of({"zh": "交货日期", "en": "Due"}),
    ("date",): Label.of({"zh": "日期", "en": "Date"}),
    ("active",): Label.of({"zh": "启用", "en": "Active"}),
}


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("qty > 0", "数量 须大于 0", "Qty must be greater than 0"),
        ("0 <= qty < 1", "数量 须不小于 0且小于 1", "Qty must be at least 0 and less than 1"),
        ("due == null or due >= date", "交货日期 须不小于 日期", "Due must be at least Date"),
        (
            "due == null or date == null or due >= date",
            "交货日期 须不小于 日期",
            "Due must be at least Date",
        ),
        ("active", "启用 须为“是”", "Active must be yes"),
        ("due != null", "交货日期 须填写", "Due must be filled in"),
        ("qty in [1, 2]", "数量 须为 1、2 之一", "Qty must be one of 1, 2"),
        ("date <= today()", "日期 须不大于 今天", "Date must be at most today"),
        ("qty * 2 > 3", "qty * 2 > 3", "qty * 2 > 3"),
    ],
)
def test_a_condition_in_words(text: str, zh: str, en: str) -> None:
    said = in_words(Formula(text, parse(text), Type("boolean")), NAMES.get)
    assert (said.say("zh"), said.say("en")) == (zh, en)

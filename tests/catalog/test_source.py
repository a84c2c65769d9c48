import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dougong.catalog.source import parse_file
from dougong.catalog.values import File, plain

FILE = File("modules/shop/entities/a.yaml", "entities/a.yaml", "module", "shop")


def read(text):
    return parse_file(text, FILE)


def test_only_null_booleans_whole_numbers_and_text_are_read():
    text = "a: 1.10\nb: 007\nc: NO\nd: 12:30\ne: 2026-01-01\nf: -5\ng: null\nh: true\ni: 0\nj: '1'\nk: 1e3\nl: 99999999999999999999\n"
    assert plain(read(text).body) == {
        "a": "1.10", "b": "007", "c": "NO", "d": "12:30", "e": "2026-01-01", "f": -5, "g": None,
        "h": True, "i": 0, "j": "1", "k": "1e3", "l": "99999999999999999999",
    }  # fmt: skip


def test_every_value_knows_its_line_and_column():
    body = read('entity: shop.a\nfields:\n  qty: {type: money, default: "a + b"}\n').body
    mark = body.map("fields").map("qty").marks["default"]
    assert (mark.key_line, mark.key_column, mark.line, mark.column) == (3, 22, 3, 32)
    assert str(mark.at_value()) == "modules/shop/entities/a.yaml:3:32"


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("a: {value: -f(x, y), c: 1}", "catalog.comma-cut", (1, 18)),
        ("a: b: c", "catalog.colon-cut", (1, 5)),
        ("a: &x 1", "catalog.anchor", (1, 4)),
        ("a: 1\nb: *a", "catalog.anchor", (2, 4)),
        ("a: !!str 1", "catalog.tag", (1, 4)),
        ("a: !x {}", "catalog.tag", (1, 4)),
        ("a: 1\na: 2", "catalog.doubled-key", (2, 1)),
        ("on: 1", "catalog.special-key", (1, 1)),
        ("a: {no: 1}", "catalog.special-key", (1, 5)),
        ("? [a]\n: 2", "catalog.complex-key", (1, 3)),
        ("- a", "catalog.not-a-map", (1, 1)),
        ("", "catalog.not-a-map", (1, 1)),
        ("a:\n", "catalog.no-value", (1, 3)),
        ("a: ~", "catalog.no-value", (1, 4)),
        ("a: 1\n---\nb: 2", "catalog.second-document", (2, 1)),
        ("a: 1\nb: \tx", "catalog.tab", (2, 4)),
        ("a: \x00", "catalog.bad-character", (1, 4)),
        ('a: "x', "catalog.not-yaml", (1, 6)),
        ("a: " + "[" * 25 + "]" * 25, "catalog.too-deep", (1, 23)),
        ("[" * 200_000, "catalog.not-yaml", (1, 1001)),
        ("a: " + "x" * 1_000_001, "catalog.too-large", (0, 0)),
    ],
)
def test_what_would_be_read_wrongly_is_refused_with_its_place(text, code, where):
    found = [(each.code, (each.where.line, each.where.column)) for each in read(text).problems]
    assert found == [(code, where)]


def test_a_quoted_option_may_be_called_no():
    assert plain(read('a: {"no": 1}').body) == {"a": {"no": 1}}


def test_all_problems_of_a_file_are_said_at_once():
    found = [each.code for each in read("a: &x 1\non: 2\na: 3\n").problems]
    assert found == ["catalog.anchor", "catalog.special-key", "catalog.doubled-key"]


def test_a_bomb_of_aliases_costs_nothing():
    lines = ["a0: &a0 [x, x]"] + [
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)
    ]
    start = time.perf_counter()
    assert read("\n".join(lines)).problems
    assert time.perf_counter() - start < 0.5


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab:{}[],'\"&*!|>#-? \n\t~0%@"), max_size=60))
def test_no_text_breaks_the_reader(text):
    parsed = read(text)
    assert parsed.body is not None or parsed.problems

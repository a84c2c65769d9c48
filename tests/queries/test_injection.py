"""No byte of a request ever stands in the text of a statement."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dougong.foundation.errors import Refused
from dougong.queries.changes import changes
from dougong.queries.groups import group
from dougong.queries.list_records import list_records
from dougong.queries.lookup import lookup
from dougong.queries.query import Query, read_query
from dougong.queries.search import search
from dougong.queries.totals import totals

CANARY = "canary7"
EVIL = [
    f"{CANARY}' OR '1'='1", f'{CANARY}" --', f"{CANARY}; drop table x", f"{CANARY}) union select 1", f"%{CANARY}_",
    f"{CANARY}\\", f"{CANARY} AND NEAR", f"x'{CANARY}'", f"$${CANARY}$$", f"@.\"{CANARY}\"", f"{CANARY}%s?", CANARY,
]  # fmt: skip
NAMES = [
    "number",
    "total",
    "date",
    "at",
    "urgent",
    "pieces",
    "note",
    "customer",
    "customer.name",
    "items.qty",
    "id",
]
TEXTS = st.one_of(st.sampled_from(EVIL), st.text(max_size=20).map(lambda text: f"{CANARY}{text}"))
PATHS = st.one_of(st.sampled_from(NAMES), TEXTS)
OPERATORS = st.one_of(
    st.sampled_from(
        ["==", "!=", "<", "<=", ">", ">=", "in", "not_in", "contains", "starts_with", "empty"]
    ),
    TEXTS,
)
VALUES = st.recursive(
    st.one_of(TEXTS, st.integers(), st.booleans(), st.none(), st.floats(allow_nan=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=2)),
    max_leaves=4,
)
FILTERS = st.recursive(
    st.one_of(st.fixed_dictionaries({"field": PATHS, "op": OPERATORS, "value": VALUES}), VALUES),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"and": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"or": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=5,
)
NAME_LISTS = st.lists(PATHS, max_size=3).map(",".join)
QUERIES = st.fixed_dictionaries(
    {},
    optional={
        "filter": FILTERS.map(json.dumps), "sort": NAME_LISTS, "fields": NAME_LISTS, "expand": NAME_LISTS,
        "limit": TEXTS, "after": TEXTS, "count": TEXTS, "q": TEXTS, "view": TEXTS,
    },
)  # fmt: skip
QUIET = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def answer(ask):
    """Ask; a refusal with a status of 4xx is an answer too, anything else is a fault."""
    status = 200
    try:
        ask()
    except Refused as refused:
        status = refused.status
    assert 200 <= status < 500


def assert_clean(shop):
    for sql, _ in shop.statements:
        assert CANARY not in sql.lower()
    shop.statements.clear()


@given(params=QUERIES)
@QUIET
def test_no_parameter_of_a_list_reaches_a_statement(shop, params):
    work = shop.work("boss", companies=(20, 21))

    def ask():
        query = read_query(shop.catalog, "shop.order", params)
        return list_records(work, "shop.order", query)

    answer(ask)
    assert_clean(shop)


@given(filter_=FILTERS, text=TEXTS)
@QUIET
def test_a_filter_that_gets_past_reading_binds_its_values(shop, filter_, text):
    work = shop.work("seller", companies=(20, 21))
    query = Query(filter=filter_ if isinstance(filter_, dict) else {"and": [filter_]}, search=text)
    answer(lambda: list_records(work, "shop.order", query))
    answer(lambda: totals(work, "shop.order", query, ["total"]))
    assert_clean(shop)


@given(text=TEXTS, path=PATHS, value=VALUES)
@QUIET
def test_no_other_door_lets_text_through(shop, text, path, value):
    work = shop.work("boss", companies=(20, 21))
    answer(lambda: lookup(work, "shop.order", path, text, values={"region": value, text: value}))
    answer(lambda: lookup(work, "shop.order", "customer", text, values={"region": value}))
    answer(lambda: search(work, text, ["shop.customer", "shop.order"]))
    answer(lambda: search(work, text, [text]))
    answer(lambda: totals(work, "shop.order", Query(), [path]))
    answer(lambda: group(work, "shop.order", Query(), path, [path]))
    answer(lambda: group(work, "shop.order", Query(), f"{path}:{text}"))
    answer(lambda: changes(work, "shop.order", text))
    assert_clean(shop)


def test_evil_texts_are_found_as_they_are_written(shop):
    ids = {evil: shop.put("shop.order", note=evil, owner=1) for evil in EVIL}
    work = shop.work("boss")
    for evil, id_ in ids.items():
        for op in ("==", "contains", "starts_with"):
            asked = Query(filter={"field": "note", "op": op, "value": evil})
            found = [row["id"] for row in list_records(work, "shop.order", asked).rows]
            assert found == [str(id_)] or (evil == CANARY and op != "==" and str(id_) in found)

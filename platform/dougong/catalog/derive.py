"""The form and the list that an entity has before anybody writes one, as if they had been written."""

from collections.abc import Iterable
from typing import Any

from dougong.catalog.read_entity import placeholders
from dougong.catalog.values import List, Map, Mark

_LONG = frozenset(
    {
        "long_text",
        "rich_text",
        "markdown",
        "html",
        "json",
        "image",
        "attachment",
        "signature",
        "location",
    }
)
_HIDDEN = frozenset({"password"})
_COLUMNS = frozenset(
    {
        "text",
        "code",
        "choice",
        "date",
        "datetime",
        "link",
        "money",
        "quantity",
        "price",
        "percent",
        "decimal",
        "integer",
        "boolean",
        "phone",
        "email",
    }
)
_FILTERS = frozenset({"choice", "link", "date", "datetime", "boolean"})
_NAMES = ("number", "code", "name")
MOST_COLUMNS = 8
MOST_FILTERS = 6


def _list(values: Iterable[str], mark: Mark) -> List:
    made = List(mark)
    for value in values:
        made.add(value, mark)
    return made


def _map(mark: Mark, **values: Any) -> Map:
    made = Map(mark)
    for key, value in values.items():
        made.put(key, value, mark)
    return made


def _label(mark: Mark, zh: str, en: str) -> Map:
    return _map(mark, zh=zh, en=en)


def _shown(fields: Map) -> dict[str, Map]:
    """Fields that a person sees by default, in order."""
    return {
        name: each
        for name, each in fields.items()
        if isinstance(each, Map)
        and "retired" not in each
        and each.get("visible") is not False
        and each.text("type") not in _HIDDEN
    }


def derived_form(id_: str, kind: str, body: Map) -> Map:
    """Return the form of an entity: main part, a grid for each set of lines, totals, the rest."""
    mark = body.marks[kind]
    shown = _shown(body.map("fields"))
    named = [name for name in _NAMES if name in shown]
    head = [*named[:2], *(["state"] if "states" in body else [])]
    long_ = [name for name, each in shown.items() if each.text("type") in _LONG]
    has_lines = bool(body.map("lines"))
    sums = [
        name
        for name, each in shown.items()
        if has_lines and "formula" in each and each.text("type") in ("money", "quantity")
    ]
    main = [name for name in shown if name not in (*long_, *sums)]
    parts = Map(mark)
    if main:
        parts.put("main", _map(mark, cols=3, fields=_list(main, mark)), mark)
    for name, each in body.map("lines").items():
        if isinstance(each, Map) and "retired" not in each:
            grid = _map(mark, grid=name, columns=_list(_shown(each.map("fields")), mark))
            parts.put(name if name not in parts else f"{name}_lines", grid, mark)
    if sums:
        parts.put(
            "sums" if "sums" not in parts else "sums_part",
            _map(mark, side=True, fields=_list(sums, mark)),
            mark,
        )
    if long_:
        more = _map(mark, label=_label(mark, "其他", "More"), fields=_list(long_, mark))
        parts.put("more" if "more" not in parts else "more_part", more, mark)
    quick = [name for name, each in shown.items() if name in named or each.get("required") is True]
    made = _map(mark, form=id_, entity=id_, head=_list(head, mark), parts=parts)
    made.put("quick", _list([name for name in quick if name not in long_][:6], mark), mark)
    return made


def derived_list(id_: str, kind: str, body: Map, key: tuple[str, ...], title: str) -> Map:
    """Return the list of an entity: what names it first, then what fits on a line, then its state."""
    mark = body.marks[kind]
    shown = _shown(body.map("fields"))
    first = [name for name in (*key, *placeholders(title), *_NAMES) if name in shown]
    rest = [name for name, each in shown.items() if each.text("type") in _COLUMNS]
    columns = list(dict.fromkeys((*first, *rest)))[:MOST_COLUMNS]
    filters = [name for name, each in shown.items() if each.text("type") in _FILTERS][:MOST_FILTERS]
    if "states" in body:
        columns.append("state")
        filters.insert(0, "state")
    made = _map(mark, list=id_, entity=id_)
    made.put("columns", _list(columns or ["created"], mark), mark)
    dated = shown.get("date")
    sort = [] if not first else [first[0]]
    if dated is not None and dated.text("type") == "date":
        sort = ["-date", *(["-number"] if "number" in shown else [])]
    made.put("sort", _list(sort, mark), mark)
    made.put("filters", _list(filters, mark), mark)
    acts = [name for name in body.map("actions") if name in ("submit", "close")]
    made.put("bulk", _list([*acts, "export"], mark), mark)
    return made

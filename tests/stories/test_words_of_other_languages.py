"""Entities, lines and fields whose names are words of SQL, Python or the browser: nothing minds."""

import io
import json
from datetime import UTC, datetime

import pytest

from dougong.catalog.source import SourceSet
from dougong.exchange.load import load
from dougong.exchange.mapping import suggest, with_key
from dougong.exchange.prepare import prepare
from dougong.exchange.table import read_table
from dougong.foundation.errors import Refused
from dougong.jobs.file_jobs import ExportRequest, export_to
from dougong.records.verify import verify
from dougong.tenants import install

SQL = (
    "select", "insert", "update", "delete", "from", "where", "order", "group", "having", "limit",
    "offset", "table", "column", "index", "primary", "foreign", "references", "unique", "check",
    "default", "constraint", "create", "drop", "alter", "grant", "union", "all", "distinct", "join",
    "left", "natural", "using", "case", "when", "end", "between", "like", "exists", "cast",
    "current_date", "current_user", "session_user", "values", "rowid", "oid",
    "window", "collate", "analyse", "do", "begin", "commit", "array", "desc", "user",
)  # fmt: skip
PYTHON = (
    "class", "def", "return", "lambda", "import", "pass", "raise", "yield", "await", "async", "is",
    "if", "else", "elif", "for", "while", "with", "as", "global", "nonlocal", "try", "except",
    "finally", "assert", "break", "continue", "del", "none", "self", "cls", "type", "object",
    "list", "dict", "set", "str", "int", "len", "print", "exec", "eval", "work", "record", "r",
    "s", "e", "k", "i", "values_of", "decimal", "key_of", "match", "id_",
)  # fmt: skip
BROWSER = (
    "constructor", "prototype", "arguments", "var", "let", "const", "function", "new", "typeof",
    "void", "name", "form", "action", "method", "submit", "reset", "elements", "length", "target",
    "title", "hidden", "parent", "position", "document", "csrf", "password", "login", "next",
    "page", "q", "sort", "filter", "fields", "expand", "view", "count", "after", "rows", "ids",
    "problems", "status", "detail", "code",
)  # fmt: skip
NAMES = tuple(each for each in dict.fromkeys((*SQL, *PYTHON, *BROWSER)) if each != "lambda")
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
KINDS = {
    "text": ("one word", "another"), "integer": (3, 4), "decimal": ("1.500", "2.250"),
    "date": ("2026-03-01", "2026-03-02"), "boolean": (False, True),
}  # fmt: skip
FIXED = {
    **dict.fromkeys(("select", "class", "where", "user"), "text"), "end": "boolean", "from": "date",
    **dict.fromkeys(("order", "all", "limit"), "integer"), "decimal": "decimal",
}  # fmt: skip
ENTITIES = ("x.select", "x.order", "x.class", "x.user", "x.table", "def.import", "def.values")


def kind_of(number, name):
    return FIXED.get(name) or list(KINDS)[number % len(KINDS)]


def field(number, name):
    kind = kind_of(number, name)
    more = ", scale: 3" if kind == "decimal" else ""
    return f"  {name}: {{type: {kind}, label: {{zh: 词{number}, en: Word {number}}}{more}}}\n"


def values(at):
    return {name: KINDS[kind_of(number, name)][at] for number, name in enumerate(NAMES)}


def entity(id_):
    """Every word as a field, some of them in formulas, rules, keys, lines and links."""
    links = "x.order" if id_ != "x.order" else "x.class"
    return (
        f"entity: {id_}\nlabel: {{zh: 词, en: Words}}\n"
        "key: [key]\n"
        'title: "{key} {select} {class}"\n'
        "search: [key, select, class]\n"
        "fields:\n"
        "  key: {type: code, label: {zh: 键, en: Key}, required: true}\n"
        f"  to: {{type: link, to: {links}, label: {{zh: 到, en: To}}, where: \"select != this.select or key != ''\"}}\n"
        + "".join(field(number, name) for number, name in enumerate(NAMES))
        + "  joined: {type: text, label: {zh: 合, en: Joined}, formula: \"select & '-' & doc.user & if(all > 0, '+', '')\"}\n"
        "  reached: {type: text, label: {zh: 及, en: Reached}, default: to.select}\n"
        "  sum: {type: decimal, scale: 3, label: {zh: 和, en: Sum}, formula: sum(lambda.return), store: true}\n"
        "lines:\n"
        "  lambda:\n"
        "    label: {zh: 行, en: Lines}\n"
        "    fields:\n"
        "      from: {type: text, label: {zh: 从, en: From}, default: \"'here'\"}\n"
        "      order: {type: integer, label: {zh: 次, en: Order}}\n"
        "      return: {type: decimal, scale: 3, label: {zh: 回, en: Return}, check: \"return >= 0\"}\n"
        "rules:\n"
        "  while: {when: \"order > 1\", check: \"limit >= 0 and from <= '2030-01-01'\", say: {zh: \"{where} {class}\", en: \"{where} {class}\"}}\n"
        "indexes: {default: [select, order], class: {fields: [class, where]}}\n"
    )  # fmt: skip


ROLE = "role: x.in\nlabel: In\ngrants:\n" + "".join(
    f"  {each}: {{read: {{rows: \"select != 'secret' and order >= 0\"}}, create: true, update: true, delete: true, export: true, import: true}}\n"
    for each in ENTITIES
)
MENU = "menu: x\nlabel: X\nitems:\n" + "".join(
    f"  {each.replace('.', '_')}: {{list: {each}}}\n" for each in ENTITIES
)
LAYER = {
    **{
        f"entities/{each.partition('.')[2]}.yaml": entity(each)
        for each in ENTITIES
        if each[0] == "x"
    },
    "roles/in.yaml": ROLE,
    "menu.yaml": MENU,
    "lists/order.yaml": f"list: x.order\nentity: x.order\ncolumns: [key, {', '.join(NAMES)}, to.select]\nsort: [-select, order]\nviews: {{case: {{label: C, where: \"class != 'x' and end == false\"}}}}\n",
}
DEF = SourceSet(
    "module", "def",
    {
        "module.yaml": "module: def\nlabel: {zh: 词, en: Def}\nversion: 1.0.0\n",
        **{
            f"entities/{each.partition('.')[2]}.yaml": entity(each).replace("to: x.order", "to: def.values")
            for each in ENTITIES if each.startswith("def")
        },
    },
    "modules/def",
)  # fmt: skip


@pytest.fixture
def north(database, ship, serve):
    ship([DEF])
    roles = ("base.admin", "x.in")
    return serve(database.settings, modules=["def"], admin_roles=roles, layer=LAYER)


def having(name, op, value):
    return json.dumps({"field": name, "op": op, "value": value})


def test_words_are_names_like_any_other(north):
    for path in ENTITIES:
        lines = [{"return": "1.5", "order": 1}, {"return": "2", "from": "there"}]
        one = north.post(path, {"key": "A", **values(0), "lambda": lines})
        assert {name: one[name] for name in NAMES} == values(0)
        assert one["sum"] == "3.500"
        assert [line["from"] for line in one["lambda"]] == ["here", "there"]
        two = north.post(path, {"key": "B", **values(1), "user": values(0)["user"]})
        two = north.patch(two, path, values(1))
        assert {name: two[name] for name in NAMES} == values(1)
        assert north.get(f"{path}/{one['id']}")["joined"].startswith("one word-")
        refused = north.patch(one, path, {"lambda": [{"return": "-1"}], "limit": "x"}, expect=422)
        assert {each["path"] for each in refused["problems"]} >= {"limit"}

        for name in (
            "select",
            "where",
            "class",
            "order",
            "user",
            "rowid",
            "oid",
            "r",
            "constructor",
            "q",
        ):
            want = values(0)[name]
            found = north.get(path, filter=having(name, "==", want), sort=name, fields=name)
            assert [(row["id"], row[name]) for row in found["rows"]] == [(one["id"], want)], name
        for start in range(0, len(NAMES), 5):
            names = NAMES[start : start + 5]
            found = north.get(path, sort=",".join(names), fields=",".join(names), count="exact")
            assert found["count"] == 2
        found = north.get(path, filter=having("lambda.return", ">", "1.6"))
        assert [row["id"] for row in found["rows"]] == [one["id"]]
        assert [row["id"] for row in north.get(path, q="another")["rows"]] == [two["id"]]
        assert north.get(f"{path}/totals", fields="order,decimal,all")["order"] == 7


def test_words_in_links_pages_and_files(north):
    for path in ("x.order", "def.values"):
        linked = "x.class" if path == "x.order" else path
        first = north.post(linked, {"key": "T", "select": "target", "order": 1})
        one = north.post(
            path, {"key": "A", **values(0), "to": {"key": "T"}, "lambda": [{"return": "1"}]}
        )
        assert one["reached"] == "target"
        got = north.get(f"{path}/{one['id']}", expand="to")
        assert got["expanded"]["to"]["title"].startswith("T target")
        found = north.get(path, filter=having("to.select", "==", "target"), sort="to.select")
        assert [row["id"] for row in found["rows"]] == [one["id"]]
        assert north.get(f"{path}/lookup/to", q="targ")["rows"][0]["id"] == first["id"]
        assert "one word" in north.page(path)
        page = north.page(f"{path}/{one['id']}")
        assert all(f'name="{name}"' in page for name in NAMES)

        def back(work, path=path):
            buffer = io.BytesIO()
            export_to(work, ExportRequest(entity=path), buffer)
            table = read_table(buffer.getvalue(), "words.csv")
            mapping = with_key(suggest(work.entity(path), table), work.entity(path))
            same = load(work, prepare(work, mapping, {"": table}), mapping, "words.csv")
            new = read_table(buffer.getvalue().replace(b"one word", b"third"), "words.csv")
            other = load(work, prepare(work, mapping, {"": new}), mapping, "words.csv")
            return same, other

        same, other = north.as_admin(back)
        assert [*same.problems, *other.problems] == []
        assert (same.created, same.changed) == (0, 0)
        assert (other.created, other.changed) == (0, 1)
        assert north.get(f"{path}/{one['id']}")["select"] == "third"
        rows = [{"key": "A", "select": "fourth"}, {"key": "N", "class": "new"}]
        told = north.ask("POST", f"{path}/bulk", expect=200, json={"rows": rows, "key": ["key"]})
        assert [row["status"] for row in told["results"]] == ["changed", "created"]
    assert "openapi" in north.get("openapi.json")
    assert north.act(lambda work: verify(work.connection, work.catalog), write=False) == []


def test_names_may_be_as_long_as_the_language_lets_them(database, serve):
    long, lines, field = (letter * 58 for letter in "elf")
    entity = (
        f"entity: x.{long}\nlabel: Long\nkey: [{field}]\nsearch: [{field}]\nfields:\n"
        f"  {field}: {{type: text, label: F, required: true}}\n"
        f"  {field}s: {{type: text, label: G}}\n"
        f"lines:\n"
        f"  {lines}a: {{label: A, fields: {{{field}: {{type: text, label: F}}}}}}\n"
        f"  {lines}b: {{label: B, fields: {{{field}: {{type: text, label: F}}}}}}\n"
    )
    role = (
        f"role: x.in\nlabel: In\ngrants: {{x.{long}: {{read: true, create: true, update: true}}}}\n"
    )
    north = serve(
        database.settings, modules=[], admin_roles=("base.admin", "x.in"),
        layer={f"entities/{long}.yaml": entity, "roles/in.yaml": role},
    )  # fmt: skip
    body = {field: "b", f"{field}s": "c", f"{lines}a": [{field: "1"}], f"{lines}b": [{field: "2"}]}
    one = north.post(f"x.{long}", body)
    north.post(f"x.{long}", {field: "a"})
    assert one[f"{lines}b"][0][field] == "2"
    found = north.get(f"x.{long}", sort=field, filter=having(f"{lines}a.{field}", "==", "1"))
    assert [row["id"] for row in found["rows"]] == [one["id"]]
    assert [row[field] for row in north.get(f"x.{long}", sort=field)["rows"]] == ["a", "b"]
    assert install.plan(north.opened, NOW).empty
    assert north.act(lambda work: verify(work.connection, work.catalog), write=False) == []


def test_what_a_database_keeps_for_itself_is_said(sqlite_database, serve):
    text = "entity: x.e\nlabel: E\nfields: {ctid: {type: text, label: C}}\nlines: {l: {label: L, fields: {parent: {type: text, label: P}, xmin: {type: text, label: X}}}}\n"
    with pytest.raises(Refused) as refused:
        serve(sqlite_database.settings, modules=[], layer={"entities/e.yaml": text})
    assert [each.code for each in refused.value.problems] == ["catalog.reserved-name"] * 3

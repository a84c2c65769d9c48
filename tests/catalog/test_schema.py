import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from dougong.catalog.kinds import KINDS
from dougong.catalog.schema import check_shape, resolve, schemas
from dougong.catalog.shipped_sets import platform_set, sets_in
from dougong.catalog.source import parse_file
from dougong.catalog.values import File, plain
from dougong.foundation.shipped import shipped_folder

FILE = File("f.yaml", "f.yaml", "module", "shop")


def everything():
    folders = [shipped_folder("metadata") / "examples", shipped_folder("modules")]
    return [platform_set(), *(each for folder in folders for each in sets_in(folder))]


def referee(kind):
    registry = Registry().with_resources(
        [
            (f"{name}.schema.json", Resource.from_contents(schema))
            for name, schema in schemas().items()
        ]
    )
    return Draft202012Validator(schemas()[kind], registry=registry)


def keys(schema, path):
    for key, each in schema.get("properties", {}).items():
        yield f"{path}.{key}", resolve(each)
        yield from keys(each, f"{path}.{key}")
    for each in schema.get("anyOf", ()):
        yield from keys(each, path)
    for inner in ("items", "additionalProperties"):
        if isinstance(schema.get(inner), dict):
            yield from keys(schema[inner], path)


@pytest.mark.parametrize("name", sorted(schemas()))
def test_every_key_says_what_it_means_in_two_languages_with_an_example(name):
    schema = schemas()[name]
    shapes = schema["$defs"].items() if name == "common" else [(name, schema)]
    for path, shape in shapes:
        for key, about in keys(shape, path):
            assert about.get("description"), key
            assert about.get("x-zh"), key
            assert about.get("examples"), key


def test_every_kind_has_a_schema():
    assert set(schemas()) == {*KINDS, "common"}
    for name in KINDS:
        Draft202012Validator.check_schema(schemas()[name])


@pytest.mark.parametrize("source", everything(), ids=lambda source: source.id)
def test_a_general_validator_agrees_on_every_shipped_file(source):
    for path, text in source.files.items():
        body = parse_file(text, source.file(path)).body
        kind = next(iter(body))
        assert not check_shape(body, kind)
        assert referee(kind).is_valid(plain(body)), path


WORDS = st.sampled_from(
    [
        "type",
        "label",
        "text",
        "to",
        "required",
        "fields",
        "zh",
        "en",
        "a.b",
        "edit",
        "once",
        "A",
        "lines",
        "rules",
        "check",
        "say",
        "options",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 30) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(KINDS)), st.dictionaries(WORDS, VALUES, max_size=5))
def test_a_general_validator_agrees_on_any_file(kind, rest):
    text = json.dumps({kind: "shop.a", **rest})
    body = parse_file(text, FILE).body
    assert (not check_shape(body, kind)) == referee(kind).is_valid(plain(body))


def test_what_is_wrong_is_said_in_plain_words_with_the_nearest_key():
    text = (
        "entity: shop.a\nlabl: x\nfields:\n  a: {type: text, requird: true, scale: 20}\n  B: {type: text}\n"
        "rules: {r: {check: 1, say: x, level: stp}}\nkey: [a, a]\n"
    )
    found = check_shape(parse_file(text, FILE).body, "entity")
    assert [(each.code, each.where.line, each.nearest) for each in found] == [
        ("catalog.unknown-key", 2, "label"),
        ("catalog.unknown-key", 4, "required"),
        ("catalog.wrong-value", 4, ""),
        ("catalog.bad-name", 5, ""),
        ("catalog.wrong-value", 6, "stop"),
        ("catalog.doubled-item", 7, ""),
        ("catalog.missing-key", 1, ""),
    ]
    assert "Did you mean “required”?" in str(found[1])


def test_an_editor_finds_the_shared_shapes_beside_the_schema():
    for name, schema in schemas().items():
        for each in json.dumps(schema).split('"$ref": "')[1:]:
            file = each.partition("#")[0]
            assert file == "common.schema.json", name

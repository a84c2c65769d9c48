"""Holds a file to the JSON Schema of its kind and says what is wrong in plain words.

The schemas in `metadata/schema` are the one description of the language's shape, for editors and
for us. Here they are turned into plain functions once, because a general validator would need most
of a second for a hundred entities; a test holds these functions to a general validator's answers.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from dougong.catalog import problems as kinds
from dougong.catalog.nearest import nearest
from dougong.catalog.values import List, Map, Mark
from dougong.foundation.errors import Problem
from dougong.foundation.shipped import shipped_folder
from dougong.foundation.translate import Label

Fits = Callable[[Any], bool]
Schema = Mapping[str, Any]
_TYPES: dict[str, Fits] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


@cache
def schemas() -> Mapping[str, Schema]:
    """Return every schema by the name of its kind; `common` holds the shapes they share."""
    folder = shipped_folder("metadata") / "schema"
    return {
        path.name.removesuffix(".schema.json"): json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.schema.json"))
    }


def resolve(schema: Schema) -> Schema:
    """Follow a `$ref`; what stands beside it wins over what it points to."""
    reference = schema.get("$ref")
    if reference is None:
        return schema
    shape = resolve(schemas()["common"]["$defs"][reference.rpartition("/")[2]])
    return {**shape, **{key: value for key, value in schema.items() if key != "$ref"}}


@cache
def _fits_kind(kind: str) -> Fits:
    return _Functions().function(schemas()[kind])


def check_shape(body: Map, kind: str) -> list[Problem]:
    """Return what does not fit the schema of `kind`, every place at once."""
    if _fits_kind(kind)(body):
        return []
    return list(_explain(body, schemas()[kind], body.mark, "", kind))


class _Functions:
    """Turns schemas into functions; shared shapes once each, because they refer to themselves."""

    def __init__(self) -> None:
        self.shapes: dict[str, Fits] = {}

    def function(self, schema: Schema) -> Fits:
        """Return the function that tells whether a value fits."""
        tests = [
            test
            for test in (
                self._reference(schema),
                self._type(schema),
                self._enumeration(schema),
                self._text(schema),
                self._number(schema),
                self._array(schema),
                self._object(schema),
                self._any(schema),
            )
            if test is not None
        ]
        if len(tests) == 1:
            return tests[0]
        return lambda value: all(test(value) for test in tests)

    def _reference(self, schema: Schema) -> Fits | None:
        if "$ref" not in schema:
            return None
        name = schema["$ref"].rpartition("/")[2]
        shapes = self.shapes
        if name in shapes:
            return shapes[name]

        def late(value: Any) -> bool:
            return shapes[name](value)

        shapes[name] = late  # while it is being made, for shapes that hold themselves
        shapes[name] = self.function(schemas()["common"]["$defs"][name])
        return shapes[name]

    def _type(self, schema: Schema) -> Fits | None:
        named = schema.get("type")
        if named is None:
            return None
        if isinstance(named, str):
            return _TYPES[named]
        tests = tuple(_TYPES[each] for each in named)
        return lambda value: any(test(value) for test in tests)

    def _enumeration(self, schema: Schema) -> Fits | None:
        if "enum" not in schema:
            return None
        allowed = {(type(each), each) for each in schema["enum"]}
        return lambda value: not isinstance(value, (dict, list)) and (type(value), value) in allowed

    def _text(self, schema: Schema) -> Fits | None:
        if "pattern" not in schema:
            return None
        match = re.compile(schema["pattern"]).search
        return lambda value: not isinstance(value, str) or match(value) is not None

    def _number(self, schema: Schema) -> Fits | None:
        if "minimum" not in schema and "maximum" not in schema:
            return None
        low, high = schema.get("minimum", -(10**18)), schema.get("maximum", 10**18)
        return lambda value: not isinstance(value, int) or low <= value <= high

    def _array(self, schema: Schema) -> Fits | None:
        if not schema.keys() & {"items", "minItems", "uniqueItems"}:
            return None
        fits = self.function(schema.get("items", {}))
        least, unique = schema.get("minItems", 0), schema.get("uniqueItems", False)

        def array(value: Any) -> bool:
            if not isinstance(value, list):
                return True
            return (
                len(value) >= least
                and all(fits(each) for each in value)
                and not (unique and _doubled(value) is not None)
            )

        return array

    def _object(self, schema: Schema) -> Fits | None:
        if schema.get("type") != "object":
            return None
        known = {name: self.function(each) for name, each in schema.get("properties", {}).items()}
        required = tuple(schema.get("required", ()))
        least = schema.get("minProperties", 0)
        other = schema.get("additionalProperties", True)
        other_fits = None if isinstance(other, bool) else self.function(other)
        pattern = schema.get("propertyNames", {}).get("pattern")
        match = re.compile(pattern).search if pattern else None

        def map_(value: Any) -> bool:
            if not isinstance(value, dict):
                return True
            for key, each in value.items():
                fits = known.get(key, other_fits)
                if fits is None:
                    if not other:
                        return False
                elif not fits(each):
                    return False
                if match is not None and match(key) is None:
                    return False
            return len(value) >= least and all(name in value for name in required)

        return map_

    def _any(self, schema: Schema) -> Fits | None:
        if "anyOf" not in schema:
            return None
        tests = tuple(self.function(each) for each in schema["anyOf"])
        return lambda value: any(test(value) for test in tests)


def _doubled(values: list[Any]) -> int | None:
    """Return the index of the first value that stood before."""
    seen: set[str] = set()
    for index, value in enumerate(values):
        said = json.dumps(value, sort_keys=True)
        if said in seen:
            return index
        seen.add(said)
    return None


def _explain(value: Any, schema: Schema, mark: Mark, path: str, key: str) -> Iterator[Problem]:
    """Walk to the places that do not fit, and say it."""
    schema = resolve(schema)
    if _Functions().function(schema)(value):
        return
    if "anyOf" in schema:
        branch = _nearest_branch(value, schema)
        if branch is None:
            yield _wrong(value, schema, mark, path, key)
            return
        about = {
            name: schema[name] for name in ("description", "x-zh", "examples") if name in schema
        }
        yield from _explain(value, {**branch, **about}, mark, path, key)
    elif isinstance(value, Map) and schema.get("type") == "object":
        yield from _explain_map(value, schema, path)
    elif isinstance(value, List) and schema.get("type") == "array":
        yield from _explain_list(value, schema, mark, path, key)
    else:
        yield _wrong(value, schema, mark, path, key)


def _nearest_branch(value: Any, schema: Schema) -> Schema | None:
    branches = [resolve(each) for each in schema["anyOf"]]
    for branch in branches:
        if "anyOf" in branch:
            inner = _nearest_branch(value, branch)
            if inner is not None and _Functions().function(branch)(value):
                return branch
    named = "object" if isinstance(value, Map) else "array" if isinstance(value, List) else ""
    fitting = [each for each in branches if named and _has_type(each, named)]
    if isinstance(value, Map) and len(fitting) > 1:
        fitting.sort(key=lambda each: -len(value.keys() & each.get("properties", {}).keys()))
    if isinstance(value, List) and len(fitting) > 1:
        fitting.sort(
            key=lambda each: -sum(map(_Functions().function(each.get("items", {})), value))
        )
    return fitting[0] if fitting else None


def _has_type(schema: Schema, named: str) -> bool:
    given = schema.get("type")
    return given == named or (isinstance(given, list) and named in given)


def _explain_map(value: Map, schema: Schema, path: str) -> Iterator[Problem]:
    known = schema.get("properties", {})
    other = schema.get("additionalProperties", True)
    names = schema.get("propertyNames", {}).get("pattern")
    for key, each, mark in value.walk():
        inner = f"{path}.{key}" if path else key
        if names and re.search(names, key) is None:
            values = {"key": key, "rule": NAME_RULE if "a-z" in names else _KEY_RULE}
            yield Problem(kinds.BAD_NAME, mark.at_key(inner), values)
        if key in known:
            yield from _explain(each, known[key], mark, inner, key)
        elif other is False:
            values = {"key": key, "keys": ", ".join(known)}
            yield Problem(kinds.UNKNOWN_KEY, mark.at_key(inner), values, nearest(key, known))
        elif isinstance(other, Mapping):
            yield from _explain(each, other, mark, inner, key)
    for key in schema.get("required", ()):
        if key not in value:
            values = {"key": key, "meaning": _about(resolve(known.get(key, {})))}
            yield Problem(kinds.MISSING_KEY, value.mark.at_value(path), values)
    if len(value) < schema.get("minProperties", 0):
        yield _wrong(value, schema, value.mark, path, path.rpartition(".")[2])


def _explain_list(
    value: List, schema: Schema, mark: Mark, path: str, key: str
) -> Iterator[Problem]:
    if len(value) < schema.get("minItems", 0):
        yield _wrong(value, schema, mark, path, key)
    for index, (each, at) in enumerate(value.walk()):
        yield from _explain(each, schema.get("items", {}), at, f"{path}.{index}", key)
    doubled = _doubled(value) if schema.get("uniqueItems") else None
    if doubled is not None:
        place = value.marks[doubled].at_value(f"{path}.{doubled}")
        yield Problem(kinds.DOUBLED_ITEM, place, {"key": key, "value": _shown(value[doubled])})


NAME_RULE = Label.of(
    {
        "zh": "用小写英文字母、数字和下划线，以字母开头，最长 60。",
        "en": "Use lower-case letters, digits and underscores, begin with a letter, at most 60.",
    }
)
_KEY_RULE = Label.of({"zh": "最长 60 个字符。", "en": "At most 60 characters."})


def _about(schema: Schema) -> Label:
    said = {"zh": schema.get("x-zh", ""), "en": schema.get("description", "")}
    if "enum" in schema:
        choices = ", ".join(json.dumps(each) for each in schema["enum"])
        said = {language: f"{text} ({choices})" for language, text in said.items()}
    return Label.of(said)


def _wrong(value: Any, schema: Schema, mark: Mark, path: str, key: str) -> Problem:
    examples = schema.get("examples", ())
    example = json.dumps(examples[0], ensure_ascii=False) if examples else "—"
    values = {"key": key, "value": _shown(value), "wants": _about(schema), "example": example}
    near = nearest(value, schema.get("enum", ())) if isinstance(value, str) else ""
    return Problem(kinds.WRONG_VALUE, mark.at_value(path), values, near)


def _shown(value: Any) -> str:
    said = json.dumps(value, ensure_ascii=False)
    return said if len(said) <= 60 else said[:57] + "…"

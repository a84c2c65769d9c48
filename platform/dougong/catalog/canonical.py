"""One canonical form of a file: order of keys, quotes and spaces; comments and line breaks are kept.

Keys stand in the order of the schema; whatever is named by its author keeps the author's order, for
it is the order on screens. A map in braces stays in braces on one line, one over several lines is
written as a block. Formulas stand in double quotes unless they are a number or a path.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml._yaml import CParser

from dougong.catalog.kinds import KINDS
from dougong.catalog.schema import Schema, resolve, schemas
from dougong.catalog.source import parse_file
from dougong.catalog.values import File
from dougong.foundation.errors import Refused

_FORMULAS = frozenset({"formula", "condition"})
_FORMULA_KEYS = frozenset(
    {"formula", "default", "check", "where", "when", "rows", "auto", "required", "visible", "edit"}
)
_SIMPLE = re.compile(r"-?[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*|-?[0-9]+(\.[0-9]+)?")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n", "~", ""})
_MISREAD = _WORDS - {"null", "true", "false"}
_WHOLE = re.compile(r"-?[0-9]+")
_BAD_START = frozenset("!&*?|>%@`\"'#,[]{}:=<")
_BAD_IN_FLOW = re.compile(r"[,\[\]{}]")


@dataclass(slots=True)
class _Node:
    """A piece of a file: a scalar with its text, or a map or list with its entries."""

    kind: str
    line: int
    text: str = ""
    quoted: bool = False
    flow: bool = False
    end: int = 0
    entries: list["_Entry"] = field(default_factory=list)

    @property
    def is_block(self) -> bool:
        """Written over lines of its own."""
        return bool(self.entries) and not self.flow


@dataclass(slots=True)
class _Entry:
    """A key with its value, or an item of a list (no key); `before` are comments and blank lines
    above it, `beside` the comment at the end of its line.
    """

    value: _Node
    line: int
    key: _Node | None = None
    before: list[str] = field(default_factory=list)
    beside: str = ""


def fmt(text: str, path: str = "") -> str:
    """Return the canonical form of a file; doing it twice changes nothing.

    `path` is only used to say where something is wrong. Raises Refused for a text that the strict
    reader does not read.
    """
    parsed = parse_file(text, File(path, path, "module", ""))
    if parsed.problems or parsed.body is None:
        raise Refused(parsed.problems)
    root, spans = _Tree(text).read()
    _unfold(root)
    tail = _attach(root, _comments(text, spans))
    kind = next((key for key in parsed.body if key in KINDS), "")
    schema: Schema = schemas()[kind] if kind else {}
    lines = [*_block(root, schema, 0, kind), *tail]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join(lines) + "\n"


# --- reading ------------------------------------------------------------------------------------


class _Tree:
    """Reads a text that is known to be good into nodes, with the spans of its scalars."""

    def __init__(self, text: str) -> None:
        self.parser = CParser(text)
        self.spans: list[tuple[int, int, int, int]] = []

    def read(self) -> tuple[_Node, list[tuple[int, int, int, int]]]:
        """Return the root and the spans (line, column, end line, end column) of scalars."""
        while True:
            event: Any = self.parser.get_event()
            if isinstance(event, yaml.MappingStartEvent):
                root = self._node(event)
                self.parser.dispose()
                return root, self.spans

    def _node(self, event: Any) -> _Node:
        start, end = event.start_mark, event.end_mark
        if isinstance(event, yaml.ScalarEvent):
            quoted = not event.implicit[0]
            self.spans.append((start.line, start.column, end.line, end.column))
            return _Node("scalar", start.line, event.value, quoted, end=end.line)
        is_map = isinstance(event, yaml.MappingStartEvent)
        node = _Node("map" if is_map else "list", start.line, flow=bool(event.flow_style))
        while True:
            event = self.parser.get_event()
            if type(event) in (yaml.MappingEndEvent, yaml.SequenceEndEvent):
                node.end = int(event.end_mark.line)
                return node
            first = self._node(event)
            if is_map:
                node.entries.append(_Entry(self._node(self.parser.get_event()), first.line, first))
            else:
                node.entries.append(_Entry(first, first.line))


def _unfold(node: _Node) -> None:
    """Let what stands in braces over several lines be a block; inside braces all is in braces."""
    if node.flow and node.end > node.line:
        node.flow = False
    for entry in node.entries:
        if node.flow and entry.value.kind != "scalar":
            entry.value.flow = True
            entry.value.end = entry.value.line
        _unfold(entry.value)


def _comments(text: str, spans: list[tuple[int, int, int, int]]) -> Iterator[tuple[int, str, bool]]:
    """Walk (line, comment or "", has its own line); "" is a blank line."""
    inside: dict[int, list[tuple[int, int]]] = {}
    for line, column, end_line, end_column in spans:
        for each in range(line, end_line + 1):
            start = column if each == line else 0
            stop = end_column if each == end_line else 10**9
            inside.setdefault(each, []).append((start, stop))
    for number, line_text in enumerate(text.split("\n")):
        covered = inside.get(number, [])
        if not line_text.strip():
            if not any(start <= 0 < stop for start, stop in covered):
                yield number, "", True
            continue
        for found in re.finditer(r"(?:(?<=\s)|^)#", line_text):
            at = found.start()
            if not any(start <= at < stop for start, stop in covered):
                yield number, line_text[at:].rstrip(), not line_text[:at].strip()
                break


def _attach(root: _Node, comments: Iterator[tuple[int, str, bool]]) -> list[str]:
    """Hang each comment on the entry it belongs to; return those after the last one."""
    entries = sorted(_lines_of(root), key=lambda entry: entry.line)
    tail: list[str] = []
    for line, comment, alone in comments:
        if alone:
            below = next((entry for entry in entries if entry.line > line), None)
            hung = tail if below is None else below.before
            if comment or (hung and hung[-1]) or not hung:
                hung.append(comment)
        else:
            beside = [entry for entry in entries if entry.line <= line]
            if beside and not beside[-1].beside:
                beside[-1].beside = comment
            else:
                tail.append(comment)
    return tail


def _lines_of(node: _Node) -> Iterator[_Entry]:
    """Walk the entries that get a line of their own."""
    if node.is_block:
        for entry in node.entries:
            yield entry
            yield from _lines_of(entry.value)


# --- writing ------------------------------------------------------------------------------------


def _block(node: _Node, schema: Schema, indent: int, above: str) -> list[str]:
    """Write a map or list over lines."""
    made: list[str] = []
    space = " " * indent
    if node.kind == "list":
        item = resolve(_branch(schema, "array").get("items", {}))
        for entry in node.entries:
            made.extend(space + comment if comment else "" for comment in entry.before)
            made.extend(_item(entry, item, indent, above))
        return made
    for entry in _ordered(node, schema):
        key = entry.key or entry.value
        inner = _child(schema, key.text)
        made.extend(space + comment if comment else "" for comment in entry.before)
        head = f"{space}{_key(key)}:"
        made.extend(_valued(head, entry, inner, indent, key.text, above))
    return made


def _valued(
    head: str, entry: _Entry, schema: Schema, indent: int, key: str, above: str
) -> list[str]:
    value, beside = entry.value, f"  {entry.beside}" if entry.beside else ""
    if value.is_block:
        return [head + beside, *_block(value, schema, indent + 2, key)]
    if value.kind == "scalar" and "\n" in value.text and _is_literal(value.text):
        sign = "|" if value.text.endswith("\n") else "|-"
        pad = " " * (indent + 2)
        body = [pad + line if line else "" for line in value.text.rstrip("\n").split("\n")]
        return [f"{head} {sign}{beside}", *body]
    return [f"{head} {_inline(value, schema, key, above, flow=False)}{beside}"]


def _item(entry: _Entry, schema: Schema, indent: int, above: str) -> list[str]:
    space = " " * indent
    if not entry.value.is_block:
        return _valued(f"{space}-", entry, schema, indent, "", above)
    lines = _block(entry.value, schema, indent + 2, above)
    first = next(
        index for index, line in enumerate(lines) if line and not line.lstrip().startswith("#")
    )
    lines[first] = f"{space}- {lines[first].lstrip()}"
    beside = [f"{space}  {entry.beside}"] if entry.beside else []
    return [*beside, *lines]


def _inline(node: _Node, schema: Schema, key: str, above: str, *, flow: bool) -> str:
    """Write a value on one line."""
    if node.kind == "scalar":
        return _scalar(node, is_formula=_is_formula(schema, key, above), flow=flow)
    if node.kind == "list":
        item = _branch(schema, "array").get("items", {})
        inside = (_inline(entry.value, item, "", key, flow=True) for entry in node.entries)
        return f"[{', '.join(inside)}]"
    written = []
    for entry in _ordered(node, schema):
        name = entry.key or entry.value
        value = _inline(entry.value, _child(schema, name.text), name.text, key, flow=True)
        written.append(f"{_key(name)}: {value}")
    return "{" + ", ".join(written) + "}"


def _scalar(node: _Node, *, is_formula: bool, flow: bool) -> str:
    text = node.text
    if is_formula:
        return text if _SIMPLE.fullmatch(text) and text.lower() not in _MISREAD else _quote(text)
    if not node.quoted:
        return text if is_plain(text, flow=flow) or not _is_text(text) else _quote(text)
    return text if is_plain(text, flow=flow) else _quote(text)


def _is_text(text: str) -> bool:
    return text not in ("null", "true", "false") and not _WHOLE.fullmatch(text)


def is_plain(text: str, *, flow: bool) -> bool:
    """Tell whether a text needs no quotes where it stands."""
    if text.lower() in _WORDS or _WHOLE.fullmatch(text) or text != text.strip():
        return False
    if text[0] in _BAD_START or (text[0] == "-" and (len(text) == 1 or text[1] in " ,]}")):
        return False
    if "{" in text or ": " in text or " #" in text or text.endswith(":") or not text.isprintable():
        return False
    return not (flow and _BAD_IN_FLOW.search(text))


def _key(node: _Node) -> str:
    plain = is_plain(node.text, flow=True) or (
        not node.quoted and bool(_WHOLE.fullmatch(node.text))
    )
    return node.text if plain else _quote(node.text)


def _quote(text: str) -> str:
    """Write a text in double quotes; JSON's escapes are YAML's."""
    return json.dumps(text, ensure_ascii=False)


def _is_literal(text: str) -> bool:
    """Tell whether a text of several lines can be written as it is, below a bar."""
    body = text[:-1] if text.endswith("\n") else text
    lines = body.split("\n")
    return (
        not body.endswith("\n")
        and bool(lines[0].strip())
        and not any(
            line != line.rstrip() or line.startswith(" ") or not line.isprintable()
            for line in lines
        )
    )


# --- the schema beside it -----------------------------------------------------------------------


def _branch(schema: Schema, named: str) -> Schema:
    """Return the part of a schema that speaks of maps or lists."""
    schema = resolve(schema)
    if schema.get("type") == named:
        return schema
    for each in schema.get("anyOf", ()):
        found = _branch(each, named)
        if found.get("type") == named:
            return found
    return schema if "anyOf" not in schema else {}


def _child(schema: Schema, key: str) -> Schema:
    for each in _maps(schema):
        if key in each.get("properties", {}):
            found: Schema = each["properties"][key]
            return found
    for each in _maps(schema):
        other = each.get("additionalProperties")
        if isinstance(other, dict):
            return other
    return {}


def _maps(schema: Schema) -> Iterator[Schema]:
    schema = resolve(schema)
    if schema.get("type") == "object":
        yield schema
    for each in schema.get("anyOf", ()):
        yield from _maps(each)


def _ordered(node: _Node, schema: Schema) -> list[_Entry]:
    """Return the entries in the order of the schema; names keep the author's order."""
    order: dict[str, int] = {}
    keys = {entry.key.text for entry in node.entries if entry.key}
    for each in _maps(schema):
        known = each.get("properties", {})
        if keys & known.keys():
            order = {name: index for index, name in enumerate(known)}
            break
    last = len(order)
    return sorted(
        node.entries, key=lambda entry: order.get(entry.key.text if entry.key else "", last)
    )


def _is_formula(schema: Schema, key: str, above: str) -> bool:
    if _refers(schema):
        return True
    return key in ("to", "was") and above.rpartition(".")[2] in _FORMULA_KEYS


def _refers(schema: Schema) -> bool:
    if str(schema.get("$ref", "")).rpartition("/")[2] in _FORMULAS:
        return True
    return any(_refers(each) for each in schema.get("anyOf", ()))

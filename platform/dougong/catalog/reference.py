"""The reference of the language, written from the schemas, the kinds and the field types."""

import json
from collections.abc import Iterator

from dougong.catalog.kinds import KINDS
from dougong.catalog.read_field import KEY_TYPES
from dougong.catalog.schema import Schema, resolve, schemas
from dougong.fields.types import FIELD_TYPES
from dougong.foundation.shipped import shipped_folder

SHARED = (
    "field", "lines", "rule", "state", "action", "part", "tab", "extra", "related", "view", "board",
    "menu_item", "grant", "right", "argument", "column_source", "placing",
)  # fmt: skip


def reference() -> str:
    """Return `metadata/README.md`: the preface, then every kind of file with its keys."""
    preface = (shipped_folder("metadata") / "preface.md").read_text(encoding="utf-8")
    parts = [preface.rstrip(), "", "## Kinds of files / 文件种类", ""]
    parts += ["| kind | 文件 file | meaning | 含义 |", "|---|---|---|---|"]
    for kind in KINDS.values():
        schema = schemas()[kind.name]
        file = " / ".join(
            each for each in (kind.single, kind.folder and f"{kind.folder}/<name>.yaml") if each
        )
        parts.append(
            f"| [`{kind.name}`](#{kind.name}) | `{file}` | {schema['description']} | {schema['x-zh']} |"
        )
    for kind in KINDS.values():
        parts += ["", f"### {kind.name}", "", *_table(schemas()[kind.name])]
    parts += ["", "## Shapes they share / 共用的形状"]
    for name in SHARED:
        shape = schemas()["common"]["$defs"][name]
        about = f"{shape.get('description', '')} / {shape.get('x-zh', '')}"
        parts += ["", f"### {name.replace('_', ' ')}", "", about, "", *_table(shape)]
    parts += ["", "## Field types / 字段类型", "", *_types()]
    return "\n".join(parts) + "\n"


def _table(schema: Schema) -> list[str]:
    """One row for each key; keys of the several forms of a shape together."""
    rows = ["| key | meaning | 含义 | example |", "|---|---|---|---|"]
    required: set[str] = set()
    for form in _forms(schema):
        required |= set(form.get("required", ()))
        for key, each in form.get("properties", {}).items():
            about = resolve(each)
            must = " *" if key in required else ""
            cells = (about.get("description", ""), about.get("x-zh", ""), _example(about))
            rows.append(f"| `{key}`{must} | {' | '.join(map(_cell, cells))} |")
    return rows


def _forms(schema: Schema) -> Iterator[Schema]:
    schema = resolve(schema)
    if schema.get("type") == "object" and "properties" in schema:
        yield schema
    for each in schema.get("anyOf", ()):
        yield from _forms(each)


def _example(schema: Schema) -> str:
    examples = schema.get("examples", ())
    return f"`{_flow(examples[0])}`" if examples else ""


def _flow(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _types() -> list[str]:
    """One row for each type with the keys that only some types have."""
    rows = ["| type | keys of its own | stored as |", "|---|---|---|"]
    for name, type_ in FIELD_TYPES.items():
        keys = ", ".join(f"`{key}`" for key, types in KEY_TYPES.items() if name in types)
        rows.append(f"| `{name}` | {keys} | {type_.kind} |")
    return rows


def write() -> None:
    """Write the page anew."""
    path = shipped_folder("metadata") / "README.md"
    path.write_text(reference(), encoding="utf-8")


if __name__ == "__main__":
    write()

"""JSON Schemas of one entity's records, as one set of roles reads and writes them."""

from typing import Any

from dougong.access.decide import EntityAccess
from dougong.catalog.entity import Entity, Field, Lines
from dougong.fields.field_type import FieldType
from dougong.fields.types import field_type

ID = {"type": "string", "pattern": "^[1-9][0-9]{0,18}$"}
VERSION = {"type": "integer", "minimum": 1}
Schema = dict[str, Any]


def ref(name: str) -> Schema:
    """Return a reference to a schema among the components."""
    return {"$ref": f"#/components/schemas/{name}"}


def record_schemas(entity: Entity, access: EntityAccess, language: str) -> dict[str, Schema]:
    """Return the schemas by name: the record, a row of its list, and what creates and changes it.

    Fields hidden for these roles are in none of them; read-only ones are only in what is read.
    """
    name = entity.id
    found = {
        name: _record(entity, access, language),
        f"{name}.row": _row(entity, access, language),
    }
    if access.may("create"):
        found[f"{name}.create"] = _input(entity, access, language, creating=True)
    if access.may("update"):
        found[f"{name}.change"] = _input(entity, access, language, creating=False)
    return found


def visible_fields(entity: Entity, access: EntityAccess) -> dict[str, Field]:
    """Return the header's fields these roles may see, `id` and `version` left out."""
    return {
        name: field
        for name, field in entity.fields.items()
        if name not in {"id", "version"} and name not in access.hidden
    }


def visible_lines(entity: Entity, access: EntityAccess) -> dict[str, Lines]:
    """Return the sets of lines these roles may see."""
    return {name: lines for name, lines in entity.lines.items() if name not in access.hidden}


def _record(entity: Entity, access: EntityAccess, language: str) -> Schema:
    """What one record reads like: every visible field, its lines, and what was asked to expand."""
    properties: Schema = {"id": {**ID, "readOnly": True}, "version": {**VERSION, "readOnly": True}}
    for name, field in visible_fields(entity, access).items():
        properties[name] = output(field, language, read_only=not _writable(field, name, access))
    for name, lines in visible_lines(entity, access).items():
        properties[name] = {
            "type": "array",
            "title": lines.label.say(language),
            "items": _line(lines, access, language),
        }
    properties["expanded"] = {"type": "object", "readOnly": True}
    properties["warnings"] = {"type": "array", "items": ref("problem"), "readOnly": True}
    return {
        "type": "object",
        "title": entity.label.say(language),
        "properties": properties,
        "required": ["id", "version"],
    }


def _line(lines: Lines, access: EntityAccess, language: str) -> Schema:
    properties: Schema = {"id": {**ID, "readOnly": True}}
    for name, field in _line_fields(lines, access).items():
        writable = _writable(field, f"{lines.name}.{name}", access)
        properties[name] = output(field, language, read_only=not writable)
    return {"type": "object", "properties": properties, "required": ["id"]}


def _line_fields(lines: Lines, access: EntityAccess) -> dict[str, Field]:
    return {
        name: field
        for name, field in lines.fields.items()
        if f"{lines.name}.{name}" not in access.hidden and name not in {"id", "parent", "position"}
    }


def _row(entity: Entity, access: EntityAccess, language: str) -> Schema:
    """A row of a list: the fields asked for; paths over links are keys like `customer.name`."""
    properties: Schema = {"id": ID, "version": VERSION}
    for name, field in visible_fields(entity, access).items():
        properties[name] = output(field, language)
    return {"type": "object", "properties": properties, "required": ["id"]}


def _input(entity: Entity, access: EntityAccess, language: str, *, creating: bool) -> Schema:
    """What a create or a change may carry: nothing but fields these roles may write."""
    properties: Schema = {}
    required: list[str] = []
    for name, field in visible_fields(entity, access).items():
        if _writable(field, name, access, creating=creating):
            properties[name] = given(field, language)
            if creating and _must_be_given(field):
                required.append(name)
    for name, lines in visible_lines(entity, access).items():
        if access.writable(name, creating=creating) and lines.edit is not False:
            properties[name] = _lines_input(lines, access, language)
            if creating and lines.min:
                required.append(name)
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": required} if required else schema


def _lines_input(lines: Lines, access: EntityAccess, language: str) -> Schema:
    properties: Schema = {"id": ID}
    required: list[str] = []
    for name, field in _line_fields(lines, access).items():
        if _writable(field, f"{lines.name}.{name}", access):
            properties[name] = given(field, language)
            if _must_be_given(field):
                required.append(name)
    line: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        line["required"] = required
    schema: Schema = {"type": "array", "title": lines.label.say(language), "items": line}
    if lines.min:
        schema["minItems"] = lines.min
    if lines.max:
        schema["maxItems"] = lines.max
    return schema


def _writable(field: Field, path: str, access: EntityAccess, *, creating: bool = True) -> bool:
    """Whether these roles may ever give this field a value of their own."""
    if field.system or field.formula or field.computed or field.sequences or field.fill:
        return False
    if field.edit is False or (field.edit == "once" and not creating):
        return False
    return access.writable(path, creating=creating)


def _must_be_given(field: Field) -> bool:
    return field.required is True and field.default is None


def output(field: Field, language: str, *, read_only: bool = False) -> Schema:
    """Return the schema of a field's value as it is read: exactly one form, or null."""
    known = field_type(field.type)
    schema = _either(_one_form(known, known.schema(field.shape)), null=True)
    described = _described(schema, field, language)
    return {**described, "readOnly": True} if read_only else described


def given(field: Field, language: str) -> Schema:
    """Return the schema of a field's value as it is written: every form that is accepted."""
    schema = field_type(field.type).schema(field.shape)
    return _described(_either(schema, null=field.required is not True), field, language)


def _one_form(known: FieldType, schema: Schema) -> Schema:
    """Keep the form JSON carries: text for decimals and ids, a number for whole ones."""
    if known.kind == "links":
        return {"type": "array", "items": ID}
    if "anyOf" not in schema:
        return schema
    whole = known.kind == "number" and not any("format" in form for form in schema["anyOf"])
    wanted = "integer" if whole else "string"
    return next((form for form in schema["anyOf"] if form.get("type") == wanted), schema)


def _either(schema: Schema, *, null: bool) -> Schema:
    """Let a schema be null too."""
    if not null or not schema:
        return dict(schema)
    if "anyOf" in schema:
        return {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
    changed = {**schema, "type": [schema["type"], "null"]} if "type" in schema else dict(schema)
    if "enum" in schema:
        changed["enum"] = [*schema["enum"], None]
    return changed


def _described(schema: Schema, field: Field, language: str) -> Schema:
    said = {**schema, "title": field.label.say(language)}
    if field.hint:
        said["description"] = field.hint.say(language)
    if field.targets:
        said["x-ref"] = list(field.targets)
    return said

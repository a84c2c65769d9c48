"""From declared keys to the shape of a field and its type in formulas."""

from collections.abc import Iterator, Mapping

from dougong.catalog.entity import Option
from dougong.catalog.process import Function
from dougong.catalog.scope import DATETIME, TEXT, WHOLE, Known, Shelf
from dougong.catalog.values import Map
from dougong.fields.field_type import DIGITS, Shape
from dougong.fields.types import FIELD_TYPES, scale_of
from dougong.formulas.tree import Signature, Type, TypeKind
from dougong.foundation.translate import Label

USER = "base.user"
SYSTEM_TYPES: Mapping[str, Type] = {
    "version": WHOLE,
    "created": DATETIME,
    "created_by": Type("link", to=(USER,)),
    "changed": DATETIME,
    "changed_by": Type("link", to=(USER,)),
    "entity": TEXT,
}
"""What every record has beside its declared fields; `id` is a link to the record itself."""
_PLAIN: Mapping[str, TypeKind] = {
    "boolean": "boolean", "date": "date", "time": "time", "datetime": "datetime", "json": "json",
}  # fmt: skip


def label_of(value: object) -> Label:
    """Read a label: a text, or a text in each language."""
    if isinstance(value, Map):
        return Label.of({str(language): str(text) for language, text in value.items()})
    return Label.of(str(value)) if value is not None else Label()


def options_of(body: Map) -> tuple[Option, ...]:
    """Read the options of a choice; none when a function gives them."""
    options = body.map("options")
    if "from" in options and not isinstance(options["from"], Map):
        return ()
    return tuple(_option(key, value) for key, value in options.items())


def _option(key: str, value: object) -> Option:
    if isinstance(value, Map) and ("label" in value or "code" in value):
        label = label_of(value.get("label"))
        return Option(key, value.text("code", key), label, value.text("colour"))
    return Option(key, key, label_of(value))


def shape_of(body: Map) -> Shape:
    """Read the shape of a field; an unknown type counts as text (it is a problem elsewhere)."""
    type_ = body.text("type", "text")
    known = FIELD_TYPES.get(type_)
    if known is None:
        return Shape("text")
    options = options_of(body) if type_ == "choice" else ()
    length, scale = body.get("length"), body.get("scale")
    shape = Shape(
        type=type_,
        length=length if isinstance(length, int) else None,
        scale=scale if isinstance(scale, int) else None,
        options=tuple(option.code for option in options),
        targets=body.texts("to") if known.kind in ("link", "links") else (),
        syntax=body.text("syntax"),
        keys=tuple(option.key for option in options),
    )
    if known.kind != "number" or shape.scale is not None:
        return shape
    return Shape(type=type_, scale=scale_of(shape))


def type_of(shape: Shape) -> Type:
    """Return the type that formulas see."""
    kind = FIELD_TYPES[shape.type].kind
    if kind == "number":
        return Type("number", scale_of(shape), DIGITS)
    if kind in ("link", "links"):
        one = shape.targets if len(shape.targets) == 1 else ()  # no paths through a dynamic link
        return Type("link", to=one, many=kind == "links")
    if shape.type == "choice":
        return Type("text", options=shape.keys)
    return Type(_PLAIN[kind]) if kind in _PLAIN else TEXT


def _types(fields: Map) -> dict[str, Type]:
    return {name: type_of(shape_of(each)) for name, each in fields.items() if isinstance(each, Map)}


def shelves_of(id_: str, body: Map) -> Iterator[tuple[str, Shelf]]:
    """Read the types of an entity and of its sets of lines, each under its own name."""
    header = {"id": Type("link", to=(id_,)), **SYSTEM_TYPES, **_types(body.map("fields"))}
    if "states" in body:
        header["state"] = Type("text", options=tuple(body.map("states")))
    lines = body.map("lines")
    yield id_, Shelf(header, tuple(lines))
    for name, each in lines.items():
        if isinstance(each, Map):
            own = {"id": Type("link", to=(f"{id_}.{name}",)), "position": WHOLE}
            yield f"{id_}.{name}", Shelf({**own, **_types(each.map("fields"))}, header=id_)


def argument_type(body: Map) -> Type:
    """Read the type of an argument or result of a function."""
    found = type_of(shape_of(body))
    return (
        Type(found.kind, found.scale, found.digits, found.to, many=True)
        if body.get("many")
        else found
    )


def signature_of(function: Function) -> Signature:
    """Return what formulas see of a function."""
    return Signature(
        function.id,
        function.arguments,
        function.optional,
        function.gives,
        function.code,
        function.formula,
    )


def known_of(bodies: Mapping[str, Map]) -> Known:
    """Read the types of every entity."""
    known = Known()
    for id_, body in bodies.items():
        known.shelves.update(shelves_of(id_, body))
    return known

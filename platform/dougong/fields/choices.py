"""Yes or no, and one of several options."""

from typing import Any, Literal

import sqlalchemy as sa

from dougong.fields import problems
from dougong.fields.field_type import BadValue, Dialect, FieldType, Shape, guarded
from dougong.fields.text import TextType, one_line


class BooleanType(FieldType):
    """Yes or no; empty is possible and counts as no in formulas."""

    name = "boolean"
    kind = "boolean"
    widget = "check"
    operators = frozenset({"==", "!=", "empty"})

    def accept(self, value: Any, shape: Shape) -> bool | None:
        """Read true or false, also as the texts `true` and `false`."""
        if value is None:
            return None
        if isinstance(value, bool):
            return value
        if isinstance(value, str):
            text = value.strip().lower()
            if text in ("true", "false", ""):
                return None if not text else text == "true"
        raise BadValue(problems.NOT_BOOLEAN)

    def annotation(self, shape: Shape) -> Any:
        """True or false."""
        return bool

    def accept_source(self, value: str, shape: Shape) -> str:
        """As it is."""
        return value

    def settle_source(self, value: str, shape: Shape) -> str:
        """A condition's truth."""
        return f"bool({value})"

    def column(self, shape: Shape, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """boolean, or INTEGER 0 and 1."""
        return sa.Boolean() if dialect == "postgresql" else sa.Integer()

    def store_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """The driver of SQLite writes True as 1."""
        return value

    def load_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """True or False."""
        if dialect == "postgresql":
            return value
        return guarded(value, f"({value} == 1)", required=required)

    def wire_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """True or false."""
        return self.load_source(value, shape, dialect, required=required)

    def json_source(self, value: str, shape: Shape, *, required: bool) -> str:
        """True or false."""
        return value

    def wire(self, value: Any, shape: Shape) -> Any:
        """True or false."""
        return value

    def text(self, value: Any, shape: Shape) -> str:
        """`true`, `false` or nothing."""
        return "" if value is None else "true" if value else "false"

    def schema(self, shape: Shape) -> dict[str, Any]:
        """True or false."""
        return {"type": "boolean"}


class ChoiceType(TextType):
    """One of several options: its key is kept, its code is what JSON and files carry."""

    operators = frozenset({"==", "!=", "in", "not in", "empty"})

    def accept(self, value: Any, shape: Shape) -> str | None:
        """Read an option's code. Without declared options (known only at run time) any line."""
        if value is None:
            return None
        if not isinstance(value, str):
            raise BadValue(problems.NOT_TEXT)
        text = one_line(value)
        if text is None or not shape.options:
            return text
        if text not in shape.options:
            options = ", ".join(shape.options)
            raise BadValue(problems.NOT_AN_OPTION, value=text[:60], options=options)
        return shape.keys[shape.options.index(text)] if shape.keys else text

    def settle(self, value: Any, shape: Shape) -> Any:
        """A formula names an option by its key."""
        keys = shape.keys or shape.options
        if keys and value not in keys:
            raise BadValue(problems.NOT_AN_OPTION, value=value, options=", ".join(keys))
        return value

    def settle_source(self, value: str, shape: Shape) -> str:
        """A known key is taken at once."""
        keys = shape.keys or shape.options
        return f"({value} if {value} in {keys!r} else no_option({value}))" if keys else ""

    def annotation(self, shape: Shape) -> Any:
        """One of the codes."""
        return Literal[shape.options] if shape.options else str

    def accept_source(self, value: str, shape: Shape) -> str:
        """As msgspec checked it; a code becomes its key."""
        if not shape.options:
            return f"accept_text('text', {value}, 200, False)"
        if self._same(shape):
            return value
        return f"{dict(zip(shape.options, shape.keys, strict=True))!r}[{value}]"

    def _same(self, shape: Shape) -> bool:
        return not shape.keys or shape.keys == shape.options

    def wire_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """The option's code; a key that is no longer declared is shown as it is."""
        return self.json_source(value, shape, required=required)

    def json_source(self, value: str, shape: Shape, *, required: bool) -> str:
        """The option's code; a key that is no longer declared is shown as it is."""
        if self._same(shape):
            return value
        codes = dict(zip(shape.keys, shape.options, strict=True))
        return f"{codes!r}.get({value}, {value})"

    def wire(self, value: Any, shape: Shape) -> Any:
        """The option's code; a key that is no longer declared is shown as it is."""
        if self._same(shape) or value not in shape.keys:
            return value
        return shape.options[shape.keys.index(value)]

    def schema(self, shape: Shape) -> dict[str, Any]:
        """One of the codes."""
        if not shape.options:
            return {"type": "string", "maxLength": 200}
        return {"type": "string", "enum": list(shape.options)}


CHOICES: tuple[FieldType, ...] = (BooleanType(), ChoiceType("choice", 200, widget="choice"))

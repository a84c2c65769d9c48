"""Texts: one line, many lines, and the ones with a form of their own (e-mail, phone, address)."""

import hashlib
import re
import secrets
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from dougong.fields import problems
from dougong.fields.field_type import BadValue, Dialect, FieldType, Kind, Shape

TEXT_OPERATORS = frozenset(
    {"==", "!=", "<", "<=", ">", ">=", "in", "not in", "empty", "contains", "starts_with"}
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029\ud800-\udfff]")
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"\\]{1,64}@[^\s@<>()\[\],;:\"\\/]{1,189}")
_PHONE = re.compile(r"(?=(?:\D*\d){3})[\d+*#().\-\s/转extEXT]{3,}")
_URL = re.compile(r"https?://[^\s/?#<>\"'\\]+(?:[/?#][^\s<>\"]*)?", re.IGNORECASE)
_COLOUR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)


def one_line(value: str) -> str | None:
    """Return a one-line text without the blanks around it; None when nothing is left.

    Raises BadValue for line breaks and control characters.
    """
    text = value.strip()
    if not text.isprintable() and (_CONTROL.search(text) or "\n" in text or "\r" in text):
        raise BadValue(problems.NOT_ONE_LINE)
    return text or None


def many_lines(value: str) -> str | None:
    """Return a text with line feeds as its only line breaks; None when it holds nothing but blanks.

    Raises BadValue for control characters.
    """
    text = value.replace("\r\n", "\n").replace("\r", "\n") if "\r" in value else value
    if not text.isprintable() and _CONTROL.search(text):
        raise BadValue(problems.CONTROL_CHARACTER)
    return text if text.strip() else None


class TextType(FieldType):
    """Text in one line or many; `length` counts characters, `form` checks what the text must be."""

    kind: Kind = "text"
    operators = TEXT_OPERATORS

    def __init__(
        self,
        name: str,
        length: int,
        *,
        widget: str = "text",
        lines: bool = False,
        form: Callable[[str], str] | None = None,
        schema: dict[str, Any] | None = None,
    ) -> None:
        self.name = name
        self.length = length
        self.widget = widget
        self.lines = lines
        self.form = form
        self.extra = schema or {}

    def limit(self, shape: Shape) -> int:
        """Return the most characters the field may hold."""
        return shape.length or self.length

    def accept(self, value: Any, shape: Shape) -> str | None:
        """Read a text; blanks around a single line are dropped, empty text is None."""
        if value is None:
            return None
        if not isinstance(value, str):
            raise BadValue(problems.NOT_TEXT)
        text = many_lines(value) if self.lines or shape.syntax else one_line(value)
        if text is None:
            return None
        if len(text) > self.limit(shape):
            raise BadValue(problems.TOO_LONG, limit=self.limit(shape), length=len(text))
        return self.form(text) if self.form else text

    def annotation(self, shape: Shape) -> Any:
        """Text."""
        return str

    def accept_source(self, value: str, shape: Shape) -> str:
        """Plain lines are taken at once; everything else goes through `accept`."""
        if self.lines or shape.syntax or self.form:
            return f"accept_text({self.name!r}, {value}, {shape.length!r}, {bool(shape.syntax)})"
        return (
            f"({value}.strip() or None) if len({value}) <= {self.limit(shape)} "
            f"and {value}.isprintable() else "
            f"accept_text({self.name!r}, {value}, {shape.length!r}, False)"
        )

    def settle_source(self, value: str, shape: Shape) -> str:
        """Plain lines are taken at once; everything else goes through `accept`."""
        if self.lines or shape.syntax or self.form:
            return ""
        return f"({self.accept_source(value, shape)})"

    def column(self, shape: Shape, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """TEXT; compared by code point on both databases."""
        if dialect == "postgresql":
            return postgresql.TEXT(collation="C")
        return sa.Text()

    def store_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """As it is."""
        return value

    def load_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """As it is."""
        return value

    def wire_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """As it is."""
        return value

    def json_source(self, value: str, shape: Shape, *, required: bool) -> str:
        """As it is."""
        return value

    def wire(self, value: Any, shape: Shape) -> Any:
        """As it is."""
        return value

    def schema(self, shape: Shape) -> dict[str, Any]:
        """Text of a bounded length."""
        return {"type": "string", "maxLength": self.limit(shape), **self.extra}


class PasswordType(TextType):
    """A password that is kept as a salted hash and never given out again."""

    operators = frozenset({"empty"})

    def accept(self, value: Any, shape: Shape) -> str | None:
        """Read a new password and hash it (scrypt; about 50 ms on purpose)."""
        text = super().accept(value, shape)
        if text is None:
            return None
        salt = secrets.token_bytes(16)
        digest = hashlib.scrypt(text.encode(), salt=salt, n=2**14, r=8, p=1)
        return f"scrypt${salt.hex()}${digest.hex()}"

    def settle(self, value: Any, shape: Shape) -> Any:
        """A formula can only copy a hash."""
        return value

    def settle_source(self, value: str, shape: Shape) -> str:
        """A formula can only copy a hash."""
        return value

    def accept_source(self, value: str, shape: Shape) -> str:
        """Always hashed."""
        return f"accept_text({self.name!r}, {value}, {shape.length!r}, False)"

    def wire_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """Nothing is shown."""
        return "None"

    def json_source(self, value: str, shape: Shape, *, required: bool) -> str:
        """Nothing is shown."""
        return "None"

    def wire(self, value: Any, shape: Shape) -> Any:
        """Nothing is shown."""
        return None

    def schema(self, shape: Shape) -> dict[str, Any]:
        """Text that can only be written."""
        return {**super().schema(shape), "writeOnly": True}


class EntityType(TextType):
    """The id of an entity: the neighbour of a link that may point to several entities."""

    kind: Kind = "entity"
    operators = frozenset({"==", "!=", "in", "not in", "empty"})

    def accept(self, value: Any, shape: Shape) -> str | None:
        """Read an entity's id; bounded by `options` or `targets` where they are given."""
        text = super().accept(value, shape)
        allowed = shape.options or shape.targets
        if text is not None and allowed and text not in allowed:
            raise BadValue(problems.NOT_AN_ENTITY, value=text, options=", ".join(allowed))
        return text

    def settle_source(self, value: str, shape: Shape) -> str:
        """Through `accept`."""
        return ""

    def accept_source(self, value: str, shape: Shape) -> str:
        """Through a look-up of the allowed ids."""
        return f"accept_entity({value}, {shape.options or shape.targets!r})"

    def schema(self, shape: Shape) -> dict[str, Any]:
        """One of the entities allowed, or any text."""
        allowed = shape.options or shape.targets
        return {"type": "string", "enum": list(allowed)} if allowed else {"type": "string"}


def _email(text: str) -> str:
    if not _EMAIL.fullmatch(text) or ".." in text:
        raise BadValue(problems.NOT_EMAIL)
    return text


def _phone(text: str) -> str:
    if not _PHONE.fullmatch(text):
        raise BadValue(problems.NOT_PHONE)
    return text


def _url(text: str) -> str:
    if not _URL.fullmatch(text):
        raise BadValue(problems.NOT_URL)
    return text


def _colour(text: str) -> str:
    if not _COLOUR.fullmatch(text):
        raise BadValue(problems.NOT_COLOUR)
    return text.lower()


TEXTS: tuple[FieldType, ...] = (
    TextType("text", 200),
    TextType("long_text", 100_000, widget="lines", lines=True),
    TextType("markdown", 100_000, widget="markdown", lines=True),
    TextType("code", 60, widget="code"),
    TextType("phone", 40, widget="phone", form=_phone),
    TextType("email", 254, widget="email", form=_email, schema={"format": "email"}),
    TextType("url", 2000, widget="url", form=_url, schema={"format": "uri"}),
    TextType("barcode", 80, widget="barcode"),
    TextType("colour", 7, widget="colour", form=_colour, schema={"pattern": "^#[0-9a-fA-F]{6}$"}),
    PasswordType("password", 200, widget="password"),
    EntityType("entity", 130, widget="entity"),
)

"""Values with an inside: formatted text, JSON, places, and files (by the hash of their content)."""

import re
from decimal import Decimal
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from dougong.fields import problems
from dougong.fields.clean_html import clean_html
from dougong.fields.field_type import BadValue, Dialect, FieldType, Shape, guarded
from dougong.fields.numbers import fit_number, read_number
from dougong.fields.text import TextType

JSON_BYTES = 256 * 1024
JSON_DEPTH = 20
_HASH = re.compile(r"[0-9a-f]{64}")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}")
_RASTER = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"})


class FormattedType(TextType):
    """Formatted text in HTML; cleaned on the way in, so it may be shown as it stands."""

    operators = frozenset({"contains", "empty"})

    def accept(self, value: Any, shape: Shape) -> str | None:
        """Read and clean; what holds no text and no line is None."""
        text = super().accept(value, shape)
        if text is None:
            return None
        cleaned = clean_html(text)
        if len(cleaned) > 2 * self.limit(shape):
            raise BadValue(problems.TOO_LONG, limit=self.limit(shape), length=len(cleaned))
        return cleaned if cleaned.strip() else None


class JsonType(FieldType):
    """Whatever JSON can hold, up to 256 KiB and 20 levels."""

    name = "json"
    kind = "json"
    widget = "json"
    operators = frozenset({"empty"})

    def accept(self, value: Any, shape: Shape) -> Any:
        """Read a JSON value; `null` is None."""
        if value is None:
            return None
        check_json(value)
        return value

    def annotation(self, shape: Shape) -> Any:
        """Anything."""
        return Any

    def accept_source(self, value: str, shape: Shape) -> str:
        """Through `accept`."""
        return f"accept_document({self.name!r}, {value})"

    def column(self, shape: Shape, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """jsonb, or JSON in TEXT."""
        return postgresql.JSONB() if dialect == "postgresql" else sa.Text()

    def store_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """JSON text."""
        return guarded(value, f"write_json({value})", required=required)

    def load_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """The value; PostgreSQL's driver has read it already."""
        if dialect == "postgresql":
            return value
        return guarded(value, f"read_json({value})", required=required)

    def wire_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """The value."""
        return self.load_source(value, shape, dialect, required=required)

    def json_source(self, value: str, shape: Shape, *, required: bool) -> str:
        """The value."""
        return value

    def wire(self, value: Any, shape: Shape) -> Any:
        """The value."""
        return value

    def text(self, value: Any, shape: Shape) -> str:
        """JSON text."""
        return "" if value is None else msgspec.json.encode(value).decode()

    def schema(self, shape: Shape) -> dict[str, Any]:
        """Anything."""
        return {}


class PlaceType(JsonType):
    """A place on earth: `{"lat": "31.230416", "lon": "121.473701"}`, six decimals."""

    name = "location"
    widget = "location"

    def accept(self, value: Any, shape: Shape) -> dict[str, str] | None:
        """Read latitude and longitude; also the text `31.2,121.4`."""
        if value is None or value == "":
            return None
        if isinstance(value, str) and value.count(",") == 1:
            value = dict(
                zip(("lat", "lon"), (part.strip() for part in value.split(",")), strict=True)
            )
        if not isinstance(value, dict) or set(value) != {"lat", "lon"}:
            raise BadValue(problems.NOT_A_PLACE)
        lat, lon = (fit_number(read_number(value[name]), 6) for name in ("lat", "lon"))
        if not (abs(lat) <= Decimal(90) and abs(lon) <= Decimal(180)):
            raise BadValue(problems.NOT_A_PLACE)
        return {"lat": str(lat), "lon": str(lon)}

    def text(self, value: Any, shape: Shape) -> str:
        """`31.230416,121.473701`."""
        return "" if value is None else f"{value['lat']},{value['lon']}"

    def schema(self, shape: Shape) -> dict[str, Any]:
        """Two decimal texts."""
        number = {"type": "string", "pattern": r"^-?\d{1,3}(\.\d{1,6})?$"}
        return {
            "type": "object",
            "properties": {"lat": number, "lon": number},
            "required": ["lat", "lon"],
            "additionalProperties": False,
        }


class FileType(JsonType):
    """A stored file: `{"hash", "name", "size", "type"}`; the hash is the SHA-256 of its bytes."""

    def __init__(self, name: str, *, images: bool = False) -> None:
        self.name = name
        self.widget = name
        self.images = images

    def accept(self, value: Any, shape: Shape) -> dict[str, Any] | None:
        """Read the description that an upload gave; also its JSON text."""
        if value is None or value == "":
            return None
        if isinstance(value, str):
            try:
                value = msgspec.json.decode(value)
            except (msgspec.DecodeError, RecursionError):
                raise BadValue(problems.NOT_A_FILE) from None
        if not isinstance(value, dict) or set(value) != {"hash", "name", "size", "type"}:
            raise BadValue(problems.NOT_A_FILE)
        name, size, media = value["name"], value["size"], value["type"]
        known = isinstance(value["hash"], str) and _HASH.fullmatch(value["hash"])
        if not known or type(size) is not int or not 0 <= size < 2**40:
            raise BadValue(problems.NOT_A_FILE)
        if not isinstance(media, str) or not _MEDIA_TYPE.fullmatch(media):
            raise BadValue(problems.NOT_A_FILE)
        if self.images and media not in _RASTER:
            raise BadValue(problems.NOT_A_FILE)
        if not isinstance(name, str) or not 0 < len(name) <= 200 or not name.isprintable():
            raise BadValue(problems.NOT_A_FILE)
        if "/" in name or "\\" in name or name.startswith("."):
            raise BadValue(problems.NOT_A_FILE)
        return {"hash": value["hash"], "name": name, "size": size, "type": media}

    def schema(self, shape: Shape) -> dict[str, Any]:
        """The description of a stored file."""
        media: dict[str, Any] = {"type": "string"}
        if self.images:
            media["enum"] = sorted(_RASTER)
        return {
            "type": "object",
            "properties": {
                "hash": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                "name": {"type": "string", "minLength": 1, "maxLength": 200},
                "size": {"type": "integer", "minimum": 0},
                "type": media,
            },
            "required": ["hash", "name", "size", "type"],
            "additionalProperties": False,
        }


def check_json(value: Any) -> None:
    """Hold a JSON value to its bounds. Raises BadValue."""
    _walk(value, JSON_DEPTH)
    if len(msgspec.json.encode(value)) > JSON_BYTES:
        raise BadValue(problems.NOT_JSON, why=f"> {JSON_BYTES // 1024} KiB")


def _walk(value: Any, depth: int) -> None:
    if not depth:
        raise BadValue(problems.NOT_JSON, why=f"> {JSON_DEPTH} levels")
    if isinstance(value, str):
        if "\x00" in value or not _is_unicode(value):
            raise BadValue(problems.NOT_JSON, why="NUL")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _walk(key, depth)
            _walk(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            _walk(inner, depth - 1)
    elif isinstance(value, float):
        raise BadValue(problems.FLOAT)
    elif isinstance(value, int):
        if abs(value) >= 2**63:
            raise BadValue(problems.NOT_JSON, why="> 63 bit")
    elif value is not None:
        raise BadValue(problems.NOT_JSON, why=type(value).__name__)


def _is_unicode(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)


DOCUMENTS: tuple[FieldType, ...] = (
    FormattedType("rich_text", 100_000, widget="rich_text", lines=True),
    FormattedType("html", 100_000, widget="lines", lines=True),
    JsonType(),
    PlaceType(),
    FileType("attachment"),
    FileType("image", images=True),
    FileType("signature", images=True),
)

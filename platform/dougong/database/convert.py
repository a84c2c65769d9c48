"""Values between column types: which changes keep them, and the SQL that makes them."""

from collections.abc import Callable
from typing import Final

from dougong.database.tables import Column, quote
from dougong.fields.field_type import DIGITS, Dialect


def converted(before: Column, after: Column, dialect: Dialect) -> str:
    """SQL that turns the column's value into one of the new type.

    Raises KeyError for a change that `convertible` does not allow.
    """
    column = quote(before.name)
    if (before.kind, before.scale) == (after.kind, after.scale):
        return column
    return _CONVERSIONS[before.kind, after.kind](column, before, after, dialect)


def misfit(before: Column, after: Column, dialect: Dialect) -> str:
    """SQL condition of the values that the new type can't hold exactly; empty when there are none.

    Fewer decimals lose digits, more decimals leave fewer digits before the point.
    """
    column = quote(before.name)
    numbers = ("number", "integer")
    if before.kind not in numbers or after.kind not in numbers:
        return ""
    if after.scale < before.scale:
        unit = 10 ** (before.scale - after.scale)
        return (
            f"{column} % {unit} <> 0"
            if dialect == "sqlite"
            else f"{column} <> trunc({column}, {after.scale})"
        )
    if after.scale == before.scale:
        return ""
    most = 10 ** (DIGITS - after.scale + (before.scale if dialect == "sqlite" else 0))
    return f"abs({column}) >= {most}"


def convertible(before: Column, after: Column) -> bool:
    """Whether the values of one type can become values of the other."""
    same = (before.kind, before.scale) == (after.kind, after.scale)
    return same or (before.kind, after.kind) in _CONVERSIONS


def _number(column: str, before: Column, after: Column, dialect: Dialect) -> str:
    """Exact where decimals are added; rounded half away from zero where they are taken away."""
    if dialect == "postgresql":
        rounded = f"round({column}::numeric, {after.scale})"
        return f"{rounded}::bigint" if after.kind == "integer" else rounded
    if after.scale >= before.scale:
        return f"{column} * {10 ** (after.scale - before.scale)}"
    unit = 10 ** (before.scale - after.scale)
    return (
        f"CASE WHEN {column} < 0 THEN -((-{column} + {unit // 2}) / {unit})"
        f" ELSE ({column} + {unit // 2}) / {unit} END"
    )


def _number_text(column: str, before: Column, after: Column, dialect: Dialect) -> str:
    if dialect == "postgresql":
        return f"{column}::text"
    if not before.scale:
        return f"CAST({column} AS TEXT)"
    unit = 10**before.scale
    whole, rest = f"abs({column}) / {unit}", f"abs({column}) % {unit}"
    return (
        f"CASE WHEN {column} < 0 THEN '-' ELSE '' END || ({whole}) || '.' ||"
        f" substr('{'0' * before.scale}' || ({rest}), -{before.scale})"
    )


def _plain_text(column: str, before: Column, after: Column, dialect: Dialect) -> str:
    return f"{column}::text" if dialect == "postgresql" else column


def _boolean_text(column: str, before: Column, after: Column, dialect: Dialect) -> str:
    condition = column if dialect == "postgresql" else f"{column} = 1"
    return f"CASE WHEN {condition} THEN 'true' WHEN NOT ({condition}) THEN 'false' END"


def _datetime_text(column: str, before: Column, after: Column, dialect: Dialect) -> str:
    if dialect == "sqlite":
        return column
    return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


def _links(column: str, before: Column, after: Column, dialect: Dialect) -> str:
    """One link to a list of links."""
    if dialect == "postgresql":
        return f"CASE WHEN {column} IS NOT NULL THEN ARRAY[{column}] END"
    return f"CASE WHEN {column} IS NOT NULL THEN '[' || {column} || ']' END"


_CONVERSIONS: Final[dict[tuple[str, str], Callable[[str, Column, Column, Dialect], str]]] = {
    ("number", "number"): _number,
    ("integer", "number"): _number,
    ("number", "integer"): _number,
    ("integer", "integer"): _number,
    ("integer", "text"): _number_text,
    ("number", "text"): _number_text,
    ("boolean", "text"): _boolean_text,
    ("date", "text"): _plain_text,
    ("time", "text"): _plain_text,
    ("datetime", "text"): _datetime_text,
    ("entity", "text"): _plain_text,
    ("text", "text"): _plain_text,
    ("link", "links"): _links,
}

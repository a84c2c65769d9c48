"""Dates, times of day, and instants: civil days without a zone, instants in UTC."""

import re
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from dougong.fields import problems
from dougong.fields.field_type import BadValue, Dialect, FieldType, Shape, guarded

DATE_OPERATORS = frozenset({"==", "!=", "<", "<=", ">", ">=", "in", "not in", "empty"})
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?")
_DATETIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)?"
    r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)?",
    re.IGNORECASE,
)


def instant_text(value: datetime) -> str:
    """Write an instant as `YYYY-MM-DDTHH:MM:SS.ffffffZ`, the form that is stored and sent."""
    text = value.isoformat(timespec="microseconds")
    if not text.endswith("+00:00"):
        text = value.astimezone(UTC).isoformat(timespec="microseconds")
    return f"{text[:-6]}Z"


stamp = lru_cache(maxsize=256)(instant_text)
"""`instant_text`, remembering the last ones: a unit of work writes one instant many times."""


class DateType(FieldType):
    """A civil day."""

    name = "date"
    kind = "date"
    widget = "date"
    operators = DATE_OPERATORS

    def accept(self, value: Any, shape: Shape) -> date | None:
        """Read `2026-06-30`."""
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        if type(value) is date:
            return value
        if isinstance(value, str) and _DATE.fullmatch(value.strip()):
            try:
                return date.fromisoformat(value.strip())
            except ValueError:
                raise BadValue(problems.NOT_DATE) from None
        raise BadValue(problems.NOT_DATE)

    def annotation(self, shape: Shape) -> Any:
        """A date, which msgspec reads itself."""
        return date

    def accept_source(self, value: str, shape: Shape) -> str:
        """As msgspec read it."""
        return value

    def settle_source(self, value: str, shape: Shape) -> str:
        """As it is."""
        return value

    def column(self, shape: Shape, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """date, or ISO TEXT."""
        return sa.Date() if dialect == "postgresql" else sa.Text()

    def store_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """ISO text on SQLite."""
        if dialect == "postgresql":
            return value
        return guarded(value, f"{value}.isoformat()", required=required)

    def load_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """A date."""
        if dialect == "postgresql":
            return value
        return guarded(value, f"read_date({value})", required=required)

    def wire_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """ISO text."""
        if dialect == "postgresql":
            return guarded(value, f"{value}.isoformat()", required=required)
        return value

    def json_source(self, value: str, shape: Shape, *, required: bool) -> str:
        """ISO text."""
        return guarded(value, f"{value}.isoformat()", required=required)

    def wire(self, value: Any, shape: Shape) -> Any:
        """ISO text."""
        return None if value is None else value.isoformat()

    def schema(self, shape: Shape) -> dict[str, Any]:
        """ISO text."""
        return {"type": "string", "format": "date"}


class TimeType(FieldType):
    """A time of day, without a zone."""

    name = "time"
    kind = "time"
    widget = "time"
    operators = DATE_OPERATORS

    def accept(self, value: Any, shape: Shape) -> time | None:
        """Read `09:30` or `09:30:15`."""
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        if type(value) is time and value.tzinfo is None:
            return value
        if isinstance(value, str) and _TIME.fullmatch(value.strip()):
            try:
                return time.fromisoformat(value.strip())
            except ValueError:
                raise BadValue(problems.NOT_TIME) from None
        raise BadValue(problems.NOT_TIME)

    def annotation(self, shape: Shape) -> Any:
        """Text, since people leave out the seconds."""
        return str

    def accept_source(self, value: str, shape: Shape) -> str:
        """Through `accept`."""
        return f"accept_time({value})"

    def settle_source(self, value: str, shape: Shape) -> str:
        """As it is."""
        return value

    def column(self, shape: Shape, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """time, or ISO TEXT."""
        return sa.Time() if dialect == "postgresql" else sa.Text()

    def store_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """ISO text on SQLite."""
        if dialect == "postgresql":
            return value
        return guarded(value, f"{value}.isoformat()", required=required)

    def load_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """A time of day."""
        if dialect == "postgresql":
            return value
        return guarded(value, f"read_time({value})", required=required)

    def wire_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """ISO text."""
        if dialect == "postgresql":
            return guarded(value, f"{value}.isoformat()", required=required)
        return value

    def json_source(self, value: str, shape: Shape, *, required: bool) -> str:
        """ISO text."""
        return guarded(value, f"{value}.isoformat()", required=required)

    def wire(self, value: Any, shape: Shape) -> Any:
        """ISO text."""
        return None if value is None else value.isoformat()

    def schema(self, shape: Shape) -> dict[str, Any]:
        """ISO text without a zone."""
        return {"type": "string", "pattern": r"^\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?$"}


class DatetimeType(FieldType):
    """An instant, kept in UTC to the microsecond."""

    name = "datetime"
    kind = "datetime"
    widget = "datetime"
    operators = DATE_OPERATORS

    def accept(self, value: Any, shape: Shape) -> datetime | None:
        """Read `2026-06-30T09:30:00+08:00`; the offset must be said."""
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        moment = value
        if isinstance(value, str):
            if not _DATETIME.fullmatch(value.strip()):
                raise BadValue(problems.NOT_DATETIME)
            try:
                moment = datetime.fromisoformat(value.strip().upper())
            except ValueError:
                raise BadValue(problems.NOT_DATETIME) from None
        if not isinstance(moment, datetime):
            raise BadValue(problems.NOT_DATETIME)
        if moment.tzinfo is None:
            raise BadValue(problems.NO_OFFSET)
        try:
            return moment.astimezone(UTC)
        except OverflowError:
            raise BadValue(problems.NOT_DATETIME) from None

    def annotation(self, shape: Shape) -> Any:
        """Text."""
        return str

    def accept_source(self, value: str, shape: Shape) -> str:
        """Through `accept`."""
        return f"accept_datetime({value})"

    def settle_source(self, value: str, shape: Shape) -> str:
        """As it is."""
        return value

    def column(self, shape: Shape, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """timestamptz, or ISO TEXT in UTC."""
        return postgresql.TIMESTAMP(timezone=True) if dialect == "postgresql" else sa.Text()

    def store_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """ISO text in UTC on SQLite."""
        if dialect == "postgresql":
            return value
        return guarded(value, f"instant_text({value})", required=required)

    def load_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """An instant in UTC."""
        if dialect == "postgresql":
            return guarded(value, f"{value}.astimezone(UTC)", required=required)
        return guarded(value, f"read_datetime({value})", required=required)

    def wire_source(self, value: str, shape: Shape, dialect: Dialect, *, required: bool) -> str:
        """ISO text in UTC."""
        if dialect == "postgresql":
            return guarded(value, f"instant_text({value})", required=required)
        return value

    def json_source(self, value: str, shape: Shape, *, required: bool) -> str:
        """ISO text in UTC."""
        return guarded(value, f"instant_text({value})", required=required)

    def wire(self, value: Any, shape: Shape) -> Any:
        """ISO text in UTC."""
        return None if value is None else instant_text(value)

    def schema(self, shape: Shape) -> dict[str, Any]:
        """ISO text with an offset."""
        return {"type": "string", "format": "date-time"}


DATES: tuple[FieldType, ...] = (DateType(), TimeType(), DatetimeType())

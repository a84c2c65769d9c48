"""Values as a person reads them: from what JSON carries to text, by the type of the field."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from dougong.screens.words import Words

Say = Callable[[Any], str]

MONEYLIKE = frozenset({"money", "price"})
NUMBERS = frozenset({"money", "price", "quantity", "percent", "decimal", "integer"})
NOTHING = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: the language of the words and the time zone of the instants."""

    words: Words
    zone: str


def number_text(value: Any, type_: str, scale: int | None = None) -> str:
    """Write a number with thousands separators.

    Money and prices keep two decimals (or their scale when that is less) and any further that are
    not zero; percent is shown times one hundred with its sign; others lose trailing zeros.
    """
    number = Decimal(str(value))
    if type_ == "percent":
        return f"{_trimmed(number.scaleb(2), 0)}%"
    if type_ == "integer":
        return f"{number:,f}"
    least = min(2, scale if scale is not None else 2) if type_ in MONEYLIKE else 0
    return _trimmed(number, least)


def _trimmed(number: Decimal, least: int) -> str:
    """Write `number` exactly, with at least `least` decimals and no idle zeros after those."""
    whole, _, decimals = f"{number:,f}".partition(".")
    decimals = decimals.rstrip("0").ljust(least, "0")
    return f"{whole}.{decimals}" if decimals else whole


def instant_text(value: str, zone: str) -> str:
    """Write an ISO instant as `2026-11-25 09:30` in `zone`."""
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def sayer(
    type_: str, scale: int | None, options: Mapping[str, str], reader: Reader, kind: str = "text"
) -> Say:
    """Return the function that writes one field's value; `None` and empty text are empty.

    `options` maps a choice's code to its label; `kind` is the field type's kind.
    """
    write = _writer(type_, scale, options, reader, kind)

    def say(value: Any) -> str:
        return NOTHING if value is None or value == "" else write(value)

    return say


def _writer(
    type_: str, scale: int | None, options: Mapping[str, str], reader: Reader, kind: str
) -> Say:
    if options:
        return lambda value: options.get(str(value), str(value))
    if type_ in NUMBERS or kind == "number":
        return lambda value: number_text(value, type_, scale)
    if kind == "boolean":
        yes, no = reader.words("yes"), reader.words("no")
        return lambda value: yes if value else no
    if kind == "datetime":
        return lambda value: instant_text(value, reader.zone)
    if kind == "time":
        return lambda value: str(value)[:5]
    if kind in ("link", "links"):
        return link_text
    return str


def link_text(value: Any) -> str:
    """Write a link: the title of an expanded one (several joined), else its id."""
    if isinstance(value, Mapping):
        return str(value.get("title") or value.get("name") or value.get("code") or "")
    if isinstance(value, list | tuple):
        return "、".join(link_text(one) for one in value)
    return str(value)

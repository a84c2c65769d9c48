"""The names that the types' source expressions may use in generated code."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

import msgspec

from dougong.fields.dates import instant_text
from dougong.fields.field_type import BadValue, Shape
from dougong.fields.links import read_link, write_json
from dougong.fields.numbers import (
    EXACT,
    POWERS,
    QUANTA,
    ROUNDED,
    ZEROS,
    fit_number,
    plain,
    read_number,
)
from dougong.fields.problems import NOT_AN_OPTION
from dougong.fields.types import FIELD_TYPES


def _accept_text(name: str, value: Any, length: int | None, syntax: bool) -> Any:  # noqa: FBT001 -- generated code calls it by place
    return FIELD_TYPES[name].accept(value, _text_shape(name, length, syntax))


@cache
def _text_shape(name: str, length: int | None, syntax: bool) -> Shape:  # noqa: FBT001 -- a key of the memory
    return Shape(name, length=length, syntax="text" if syntax else "")


def _number_reader(scale: int) -> Callable[[Any], Decimal | None]:
    """Read a number of a scale, as msgspec decoded it, remembering the last ones."""

    def read(value: str | int) -> Decimal | None:
        text = value.strip() if isinstance(value, str) else value
        return None if text == "" else fit_number(read_number(text), scale)

    return lru_cache(maxsize=4096, typed=True)(read)


@lru_cache(maxsize=4096, typed=True)
def _accept_number(name: str, value: Any, scale: int) -> Any:
    return FIELD_TYPES[name].accept(value, Shape(name, scale=scale))


def _accept_integer(name: str, value: Any, length: int | None) -> Any:
    return FIELD_TYPES[name].accept(value, Shape(name, length=length))


def _accept_entity(value: Any, allowed: tuple[str, ...]) -> Any:
    return FIELD_TYPES["entity"].accept(value, Shape("entity", options=allowed))


def _accept_document(name: str, value: Any) -> Any:
    return FIELD_TYPES[name].accept(value, Shape(name))


def _no_option(value: Any) -> Any:
    raise BadValue(NOT_AN_OPTION, value=value, options="")


NAMES: Mapping[str, Any] = MappingProxyType(
    {
        "D": Decimal,
        "fit": EXACT.quantize,
        "round_fit": ROUNDED.quantize,
        **{f"Q{scale}": quantum for scale, quantum in enumerate(QUANTA)},
        **{f"Z{scale}": zero for scale, zero in enumerate(ZEROS)},
        **{f"K{scale}": power for scale, power in enumerate(POWERS)},
        "plain": plain,
        "UTC": UTC,
        "read_date": date.fromisoformat,
        "read_time": time.fromisoformat,
        "read_datetime": datetime.fromisoformat,
        "instant_text": instant_text,
        "read_json": msgspec.json.decode,
        "write_json": write_json,
        "read_link": read_link,
        "read_id": lru_cache(maxsize=20_000)(read_link),
        **{f"number_{scale}": _number_reader(scale) for scale in range(11)},
        "accept_links": lambda value: FIELD_TYPES["links"].accept(value, Shape("links")),
        "accept_time": lambda value: FIELD_TYPES["time"].accept(value, Shape("time")),
        "accept_datetime": lambda value: FIELD_TYPES["datetime"].accept(value, Shape("datetime")),
        "accept_text": _accept_text,
        "accept_number": _accept_number,
        "accept_integer": _accept_integer,
        "accept_entity": _accept_entity,
        "accept_document": _accept_document,
        "no_option": _no_option,
    }
)

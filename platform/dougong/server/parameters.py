"""Parameters of an address as values: numbers, names, JSON; wrong ones are refused with 400."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from dougong.foundation.errors import refuse
from dougong.server.call import Call
from dougong.server.problems import BAD_PARAMETER, NOT_FOUND

HIGHEST_ID = (1 << 63) - 1
MOST_TEXT = 200
MOST_JSON = 20_000
_ID = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)
_decode = msgspec.json.Decoder().decode


def record_id(call: Call) -> int:
    """Return the record's id in the path. Refuses (404) one that no record can have."""
    number = int(call.params["id"])
    if not 0 < number <= HIGHEST_ID:
        raise refuse(NOT_FOUND, path=call.path[:200])
    return number


def is_id(value: object) -> bool:
    """Tell whether a value is the text of an id that a record can have."""
    return isinstance(value, str) and bool(_ID.fullmatch(value)) and int(value) <= HIGHEST_ID


def row_id(call: Call, name: str) -> str:
    """Return the parameter as the text of an id; empty when it is not there."""
    given = text(call, name)
    if given and not is_id(given):
        raise refuse(BAD_PARAMETER, name, name=name, wanted="id", value=given[:60])
    return given


def parameters(call: Call) -> dict[str, str]:
    """Return the parameters by name; the desk has refused doubled ones."""
    return dict(call.query)


def whole(call: Call, name: str, default: int, most: int) -> int:
    """Return the parameter as a whole number from 1 to `most`."""
    text = parameters(call).get(name)
    if text is None:
        return default
    if not _WHOLE.fullmatch(text) or not 1 <= int(text) <= most:
        wanted = f"1–{most}"
        raise refuse(BAD_PARAMETER, name, name=name, wanted=wanted, value=text[:60])
    return int(text)


def text(call: Call, name: str, default: str = "", most: int = MOST_TEXT) -> str:
    """Return the parameter as text of at most `most` characters."""
    given = parameters(call).get(name, default)
    if len(given) > most:
        raise refuse(BAD_PARAMETER, name, name=name, wanted=f"≤ {most}", value=given[:60])
    return given


def flag(call: Call, name: str) -> bool:
    """Return the parameter as true or false; false when it is not there."""
    given = text(call, name, "false")
    if given not in {"true", "false"}:
        raise refuse(BAD_PARAMETER, name, name=name, wanted="true / false", value=given[:60])
    return given == "true"


def names(call: Call, name: str) -> tuple[str, ...]:
    """Return the parameter as names parted by commas, each once."""
    given = text(call, name, most=MOST_JSON)
    return tuple(dict.fromkeys(part.strip() for part in given.split(",") if part.strip()))


def json_parameter(call: Call, name: str) -> Mapping[str, Any]:
    """Return the parameter as a JSON object; `{}` when it is not there."""
    given = text(call, name, "{}", MOST_JSON)
    try:
        value = _decode(given.encode())
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise refuse(BAD_PARAMETER, name, name=name, wanted="{…}", value=given[:60])
    return value

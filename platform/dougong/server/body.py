"""Bodies: read within bounds of size and time, and JSON held to its bounds before anyone decodes it."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

import msgspec

from dougong.foundation.errors import Place, Problem, Refused, refuse
from dougong.server.call import JSON, Call
from dougong.server.problems import (
    BAD_JSON,
    NOT_AN_OBJECT,
    TOO_DEEP,
    TOO_LARGE,
    TOO_MANY_KEYS,
    TOO_SLOW,
    UNKNOWN_KEY,
    UNSUPPORTED_MEDIA,
)

MOST = 1 << 20
"""Bytes of an ordinary body: a document of some thousand lines."""
MOST_BULK = 16 << 20
"""Bytes of a body that carries many records."""
SECONDS = 30.0
"""How long a sender may take."""
DEEPEST = 24
MOST_KEYS = 1_000
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_decode = msgspec.json.Decoder().decode


async def read_body(chunks: AsyncIterator[bytes], declared: str, most: int) -> bytes:
    """Read a body of at most `most` bytes; `declared` is its Content-Length, or empty.

    Raises Refused: 413 when it is larger, 408 when it is slower than `SECONDS`.
    """
    if declared.isdigit() and int(declared) > most:
        raise refuse(TOO_LARGE, limit=most)
    read = bytearray()
    try:
        async with asyncio.timeout(SECONDS):
            async for chunk in chunks:
                read += chunk
                if len(read) > most:
                    raise refuse(TOO_LARGE, limit=most)
    except TimeoutError:
        raise refuse(TOO_SLOW, seconds=int(SECONDS)) from None
    return bytes(read)


def check_json(body: bytes) -> bytes:
    """Return `body` when its brackets are not nested deeper than `DEEPEST`; refuses with 400.

    Nothing is decoded: texts and everything that is no bracket are cut out, then pairs are taken
    away from the inside, one level at a time.
    """
    if body.count(b"[") + body.count(b"{") > DEEPEST:
        left = _STRING.sub(b"", body).translate(None, _NOT_BRACKETS)
        for _ in range(DEEPEST):
            shorter = left.replace(b"[]", b"").replace(b"{}", b"")
            if len(shorter) == len(left) and left:
                raise refuse(BAD_JSON, why="brackets do not match")
            left = shorter
        if left:
            raise refuse(TOO_DEEP, limit=DEEPEST)
    return body


def json_media(call: Call) -> None:
    """Refuse with 415 a body that is not declared as JSON in UTF-8."""
    declared = call.headers.get("content-type", "").lower()
    charset = declared.partition("charset=")[2].strip().strip('"')
    media = call.media
    if (media != JSON and not media.endswith("+json")) or charset not in {"", "utf-8", "utf8"}:
        raise refuse(UNSUPPORTED_MEDIA, media=declared or "–", wanted=JSON)


def json_bytes(call: Call) -> bytes:
    """Return the body, checked to be declared as JSON and of bearable depth, not decoded."""
    json_media(call)
    return check_json(call.body)


def json_value(call: Call) -> Any:
    """Decode the body. Refuses: 415, 400 (not JSON, too deep)."""
    body = json_bytes(call)
    try:
        return _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise refuse(BAD_JSON, why=str(error)) from None


def json_object(call: Call, *, optional: bool = False) -> dict[str, Any]:
    """Decode a body that must be an object; with `optional` an empty body counts as `{}`."""
    if optional and not call.body:
        return {}
    value = json_value(call)
    if not isinstance(value, dict):
        raise refuse(NOT_AN_OBJECT)
    check_keys(value)
    return value


def check_keys(value: Mapping[str, Any]) -> None:
    """Refuse an object of more than `MOST_KEYS` keys."""
    if len(value) > MOST_KEYS:
        raise refuse(TOO_MANY_KEYS, count=len(value), limit=MOST_KEYS)


def known_keys(value: Mapping[str, Any], known: Iterable[str]) -> None:
    """Refuse keys that are not `known`, all at once, with the nearest right one."""
    names = tuple(known)
    wrong = [
        Problem(
            UNKNOWN_KEY,
            Place(path=name),
            {"name": name, "known": ", ".join(names)},
            nearest_name(name, names),
        )
        for name in value
        if name not in names
    ]
    if wrong:
        raise Refused(wrong)


def nearest_name(name: str, known: Iterable[str]) -> str:
    """Return the known name that comes nearest to `name`, or nothing."""
    return next(iter(get_close_matches(name[:100], list(known), n=1, cutoff=0.6)), "")

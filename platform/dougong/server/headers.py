"""Headers with a meaning: versions (ETag, If-Match, If-None-Match) and the key that makes a create happen once."""

import re

from dougong.foundation.errors import refuse
from dougong.server.call import Call
from dougong.server.problems import BAD_KEY, BAD_VERSION, VERSION_NEEDED

_ETAG = re.compile(r'(?:W/)?"([1-9][0-9]{0,17})"', re.ASCII)
_KEY = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)


def etag(version: int) -> tuple[str, str]:
    """Return the ETag header of a version: `"3"`."""
    return "ETag", f'"{version}"'


def required_version(call: Call) -> int:
    """Return the version the call says it changes.

    Raises Refused: 428 when it says none (or any, with `*`), 400 when it is not one version.
    """
    given = call.headers.get("if-match", "").strip()
    if not given or given == "*":
        raise refuse(VERSION_NEEDED, "If-Match")
    match = _ETAG.fullmatch(given)
    if match is None:
        raise refuse(BAD_VERSION, "If-Match", value=given[:60])
    return int(match[1])


def is_known(call: Call, tag: str) -> bool:
    """Tell whether the caller already holds the answer with this ETag (If-None-Match)."""
    given = call.headers.get("if-none-match", "")
    known = {part.strip().removeprefix("W/") for part in given.split(",")}
    return given.strip() == "*" or tag.removeprefix("W/") in known


def idempotency_key(call: Call) -> str:
    """Return the Idempotency-Key, or nothing. Refuses (400) one that is not visible ASCII."""
    given = call.headers.get("idempotency-key")
    if given is None:
        return ""
    if not _KEY.fullmatch(given):
        raise refuse(BAD_KEY, "Idempotency-Key")
    return given

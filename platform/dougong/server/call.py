"""Call and Answer: one request read whole, and what goes back. Plain values, no connection in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import msgspec

JSON = "application/json"
_encode = msgspec.json.Encoder(decimal_format="string").encode


@dataclass(frozen=True, slots=True)
class Call:
    """One request as the worker thread gets it.

    `route` is the path with its placeholders (`/t/{tenant}/api/{entity}/{id}`), `params` what filled
    them. `query` keeps doubled names, `headers` are lower-case and keep the last of doubled ones.
    `address` is the peer's, `trace` the id of this request, `language` what the request alone asks
    for (a person's own choice may win, see gate). `secure` tells whether it came over TLS.
    """

    method: str
    path: str
    route: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    address: str = ""
    trace: str = ""
    language: str = "zh"
    secure: bool = False

    @property
    def tenant(self) -> str:
        """The tenant's name in the path; empty outside a tenant."""
        return self.params.get("tenant", "")

    @property
    def media(self) -> str:
        """The content type of the body, without its parameters, lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: a status, bytes and headers. `media` is empty when there is no body."""

    status: int = 200
    body: bytes = b""
    media: str = JSON
    headers: tuple[tuple[str, str], ...] = ()

    def plus(self, *headers: tuple[str, str]) -> "Answer":
        """Return the same answer with further headers."""
        return replace(self, headers=self.headers + headers)


def json_answer(value: object, status: int = 200, *headers: tuple[str, str]) -> Answer:
    """Write a value as a JSON answer."""
    return Answer(status, _encode(value), JSON, headers)


def empty_answer(status: int = 204, *headers: tuple[str, str]) -> Answer:
    """Return an answer without a body."""
    return Answer(status, b"", "", headers)

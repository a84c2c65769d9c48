"""Bodies and headers: what is too much, too deep or not JSON is refused before it does harm."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from dougong.foundation.errors import Refused
from dougong.server import body as bodies
from dougong.server.body import check_json, json_object, json_value, read_body
from dougong.server.call import Call
from dougong.server.headers import idempotency_key, is_known, required_version
from dougong.server.problems import PROBLEM_JSON, problem_answer


def call(body: bytes, media: str = "application/json") -> Call:
    return Call("POST", "/", headers={"content-type": media}, body=body)


async def chunks(*parts: bytes, pause: float = 0) -> AsyncIterator[bytes]:
    for part in parts:
        await asyncio.sleep(pause)
        yield part


def refused(fn: object, *args: object) -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        fn(*args)  # type: ignore[operator]
    return caught.value.status, caught.value.problems[0].code


def test_a_body_is_read_whole_within_its_bound() -> None:
    assert asyncio.run(read_body(chunks(b"ab", b"c"), "", 3)) == b"abc"


@pytest.mark.parametrize("declared", ["9", "", "2"])
def test_a_larger_body_is_refused_whatever_its_length_says(declared: str) -> None:
    def read() -> None:
        asyncio.run(read_body(chunks(b"ab", b"cd"), declared, 3))

    assert refused(read) == (413, "server.too-large")


def test_a_slow_sender_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "SECONDS", 0.02)

    def read() -> None:
        asyncio.run(read_body(chunks(b"a", b"b", pause=0.2), "", 10))

    assert refused(read) == (408, "server.too-slow")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"nul", b"NaN", b'{"a": NaN}', b'{"a": Infinity}', b"{'a': 1}", b'{"a": 1,}',
        b'{"a": 1e400}', b"\xff\xfe", b'{"a": "\xff"}', b'{"a": "\\ud800"}', b"[" * 100_000,
        b'{"a":' * 100_000, b"[" * 40, b'"\x00"', b"{} {}", b"0123",
    ],
)  # fmt: skip
def test_what_is_not_json_is_told_so(body: bytes) -> None:
    status, code = refused(json_value, call(body))
    assert status == 400
    assert code in {"server.bad-json", "server.too-deep"}


def test_depth_is_bounded_and_brackets_in_texts_do_not_count() -> None:
    assert check_json(b"[" * 24 + b"]" * 24)
    assert refused(check_json, b"[" * 30 + b"]" * 30) == (400, "server.too-deep")
    assert check_json(json.dumps({"note": '[[["\\' * 500}).encode())
    assert check_json(json.dumps([{"items": [{"a": i} for i in range(500)]}] * 20).encode())


def test_depth_is_checked_in_no_time() -> None:
    began = time.perf_counter()
    for hostile in (b'{"a":' * 150_000, b"[" * 1_000_000, b'"\\' * 500_000, b'["\\"]' * 200_000):
        with suppress(Refused):
            check_json(hostile)
    assert time.perf_counter() - began < 2


def test_an_object_is_wanted_with_a_bearable_number_of_keys() -> None:
    assert refused(json_object, call(b"[]")) == (422, "server.not-an-object")
    assert refused(json_object, call(b"7")) == (422, "server.not-an-object")
    many = json.dumps(dict.fromkeys(map(str, range(1001)))).encode()
    assert refused(json_object, call(many)) == (422, "server.too-many-keys")
    assert json_object(call(b'{"a": "1.50"}')) == {"a": "1.50"}


@pytest.mark.parametrize(
    "media",
    ["", "text/plain", "application/xml", "application/json; charset=gbk", "multipart/form-data"],
)
def test_other_types_of_bodies_are_refused(media: str) -> None:
    assert refused(json_value, call(b"{}", media)) == (415, "server.unsupported-media")


def test_json_may_say_its_charset() -> None:
    assert json_value(call(b"{}", 'application/json; charset="UTF-8"')) == {}
    assert json_value(call(b"{}", "application/merge-patch+json")) == {}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ('"3"', 3), ('W/"3"', 3), ("", (428, "server.version-needed")),
        ("*", (428, "server.version-needed")), ("3", (400, "server.bad-version")),
        ('"3", "4"', (400, "server.bad-version")), ('"0"', (400, "server.bad-version")),
        ('"9999999999999999999"', (400, "server.bad-version")), ('"x"', (400, "server.bad-version")),
    ],
)  # fmt: skip
def test_if_match_names_one_version(given: str, expected: object) -> None:
    asked = Call("PATCH", "/", headers={"if-match": given} if given else {})
    if isinstance(expected, int):
        assert required_version(asked) == expected
    else:
        assert refused(required_version, asked) == expected


def test_if_none_match_knows_its_own_tags() -> None:
    def known(header: str) -> bool:
        return is_known(Call("GET", "/", headers={"if-none-match": header}), '"3"')

    assert known('"3"')
    assert known('"1", W/"3"')
    assert known("*")
    assert not known('"4"')


@pytest.mark.parametrize("key", ["", " ", "a b", "中", "x" * 256, "a\tb"])
def test_a_bad_idempotency_key_is_refused(key: str) -> None:
    asked = Call("POST", "/", headers={"idempotency-key": key})
    assert refused(idempotency_key, asked) == (400, "server.bad-key")


@pytest.mark.parametrize(
    ("language", "title"), [("zh", "数据有问题"), ("en", "The data has problems")]
)
def test_a_refusal_is_told_as_problem_json_in_both_languages(language: str, title: str) -> None:
    with pytest.raises(Refused) as caught:
        json_object(call(b"[]"))
    answer = problem_answer(caught.value, language, "trace-1")
    told = json.loads(answer.body)
    assert answer.media == PROBLEM_JSON
    assert told["title"] == title
    assert told["status"] == answer.status == 422
    assert told["type"] == "urn:dougong:problem:server.not-an-object"
    assert told["trace"] == "trace-1"
    assert set(told["problems"][0]) == {"code", "path", "reason", "hint", "nearest", "level"}
    assert ("Content-Language", language) in answer.headers

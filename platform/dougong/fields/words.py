"""The words of a record that a search finds, and the keys that lists sort texts by.

Chinese is kept as overlapping pairs of characters, so the commonest query, two characters, is one
look-up; beside them stand the pinyin of the text, whole and by initials. Latin words are folded
(case, accents, width) and found by how they begin. One tokenizer serves both databases.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from hashlib import sha256
from operator import add

from dougong.fields.field_type import Dialect

_RUNS = re.compile(
    r"([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+)|([^\W_]+)"
)
_LONGEST = 64
"""Characters kept of one word."""
_MOST = 2000
"""Words kept of one record."""


def sort_name(column: str) -> str:
    """Return the column beside a text's that holds its sort key; PostgreSQL allows 63 bytes."""
    name = f"{column}__sort"
    return (
        name
        if len(name) <= 63
        else f"{column[:48]}_{sha256(column.encode()).hexdigest()[:8]}__sort"
    )


def fold(text: str) -> str:
    """Return the text without differences of case, width and accents."""
    if text.isascii():
        return text.lower()
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    plain = text.casefold()
    if plain.isascii() or unicodedata.is_normalized("NFD", plain):
        return plain
    parts = unicodedata.normalize("NFD", plain)
    bare = "".join(letter for letter in parts if unicodedata.category(letter) != "Mn")
    return unicodedata.normalize("NFC", bare)


@cache
def _readings() -> tuple[Mapping[int, str], Mapping[str, list[list[str]]]]:
    """The readings of characters and of phrases; loaded when the first Chinese text is met."""
    from pypinyin import phrases_dict, pinyin_dict  # noqa: PLC0415 -- a second to load

    return pinyin_dict.pinyin_dict, phrases_dict.phrases_dict


@lru_cache(maxsize=50_000)
def _plain(syllable: str) -> str:
    """Return a reading without its tone; ü is v."""
    parts = unicodedata.normalize("NFD", syllable.replace("ü", "v"))
    plain = "".join(letter for letter in parts if letter.isascii() and letter.isalpha())
    return plain.lower()


@lru_cache(maxsize=50_000)
def syllables(chinese: str) -> tuple[str, ...]:
    """Return the pinyin of a run of Chinese characters, phrases read as a whole.

    A character without a reading stands for itself.
    """
    characters, phrases = _readings()
    found: list[str] = []
    at, end = 0, len(chinese)
    while at < end:
        for length in (4, 3, 2):
            phrase = phrases.get(chinese[at : at + length]) if at + length <= end else None
            if phrase is not None:
                found.extend(_plain(each[0]) for each in phrase)
                at += length
                break
        else:
            reading = characters.get(ord(chinese[at]))
            found.append(_plain(reading.partition(",")[0]) if reading else chinese[at])
            at += 1
    return tuple(found)


def sort_key(text: str | None) -> str | None:
    """Return the key a list sorts a text by: pinyin for Chinese, folded otherwise.

    Texts that read alike sort by their characters.
    """
    if text is None or text.isascii():
        return None if text is None else text.lower()
    return _sort_key(text)


@lru_cache(maxsize=20_000)
def _sort_key(text: str) -> str:
    folded = fold(text)
    read = _RUNS.sub(
        lambda found: "".join(f"{each} " for each in syllables(found[1])) if found[1] else found[0],
        folded,
    )
    return read if read == folded else f"{read}\t{folded}"


def index_words(texts: Iterable[str | None]) -> list[str]:
    """Return the words of a record's texts, in order, so that phrases can be found."""
    words: list[str] = []
    for text in texts:
        if text:
            words.extend(_words(text))
    return words[:_MOST]


@lru_cache(maxsize=20_000)
def _words(text: str) -> tuple[str, ...]:
    folded = fold(text)
    if folded.isascii() and folded.isalnum():
        return (folded[:_LONGEST],)
    words: list[str] = []
    latin: list[str] = []
    sounds: list[str] = []
    for found in _RUNS.finditer(folded):
        chinese, word = found.groups()
        if chinese:
            words += map(add, chinese, chinese[1:])
            words.append(chinese[-1])
            sounds.extend(syllables(chinese))
        else:
            words.append(word[:_LONGEST])
            latin.append(word)
    if len(latin) > 1:
        words.append("".join(latin)[:_LONGEST])
    if sounds:
        initials = "".join([each[0] for each in sounds])
        words.append(initials[:_LONGEST])
        words.append("".join(sounds)[:_LONGEST])
    return tuple(words)


def words_text(words: Iterable[str], dialect: Dialect) -> str:
    """Write words as the index of the database takes them: FTS5 text, or a tsvector literal."""
    if dialect == "sqlite":
        return " ".join(words)
    places: dict[str, list[int]] = {}
    for at, word in enumerate(words, 1):
        places.setdefault(word, []).append(at)
    return " ".join(
        f"'{_quoted(word)}':{','.join(map(str, at[:200]))}" for word, at in places.items()
    )


def match_text(query: str, dialect: Dialect) -> str:
    """Write a search as FTS5 or as a tsquery literal; every word must be there. "" finds nothing.

    A run of Chinese is a phrase, a single character and a Latin word are beginnings.
    """
    terms: list[str] = []
    for found in _RUNS.finditer(fold(query)):
        chinese, word = found.groups()
        if chinese and len(chinese) > 1:
            pairs = [chinese[at : at + 2] for at in range(len(chinese) - 1)]
            terms.append(_phrase(pairs, dialect))
        else:
            terms.append(_beginning((chinese or word)[:_LONGEST], dialect))
    return (" AND " if dialect == "sqlite" else " & ").join(terms)


def _phrase(words: list[str], dialect: Dialect) -> str:
    if dialect == "sqlite":
        return f'"{" ".join(words)}"'
    return "(" + " <-> ".join(f"'{_quoted(word)}'" for word in words) + ")"


def _beginning(word: str, dialect: Dialect) -> str:
    return f'"{word}"*' if dialect == "sqlite" else f"'{_quoted(word)}':*"


def _quoted(word: str) -> str:
    return word.replace("\\", "\\\\").replace("'", "''")

"""A text in the reader's language."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Label:
    """A short text in every language it has been written in."""

    texts: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, texts: Mapping[str, str] | str) -> "Label":
        """Build a label from `{zh: …, en: …}` or from one text that serves every language."""
        if isinstance(texts, str):
            return cls(tuple((language, texts) for language in LANGUAGES))
        return cls(tuple(sorted(texts.items())))

    def say(self, language: str) -> str:
        """Return the text in `language`, else in English, else in any language there is."""
        known = dict(self.texts)
        return known.get(language) or known.get("en") or next(iter(known.values()), "")

    def items(self) -> Iterator[tuple[str, str]]:
        """Walk (language, text)."""
        return iter(self.texts)

    def __bool__(self) -> bool:
        return bool(self.texts)

"""Words: what stands on buttons, in empty states and in short messages, in the reader's language."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from dougong.foundation.shipped import shipped_folder
from dougong.foundation.translate import LANGUAGES

LANGUAGE_NAMES = {"zh": "中文", "en": "English"}


@cache
def texts(language: str) -> Mapping[str, str]:
    """Return every text of `language` by its key, read from `web/i18n/<language>.json`."""
    file = shipped_folder("web") / "i18n" / f"{language}.json"
    read: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return read


@dataclass(frozen=True, slots=True)
class Words:
    """The texts in one language; unknown languages read English."""

    language: str

    def __call__(self, key: str, **values: Any) -> str:
        """Return the text `key` with its `{placeholders}` filled.

        Raises KeyError for a key that no file holds.
        """
        text = self._texts()[key]
        return text.format(**values) if values else text

    def browser(self) -> dict[str, str]:
        """Return the texts that scripts say (keys `js.…`, without that beginning)."""
        return {key[3:]: text for key, text in self._texts().items() if key.startswith("js.")}

    def _texts(self) -> Mapping[str, str]:
        return texts(self.language if self.language in LANGUAGES else "en")

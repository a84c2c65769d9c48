"""Environment variables, read once into one frozen Settings."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator may set from outside.

    `data` is the folder of tenants (SQLite files, uploads); `database_url` is empty for SQLite or
    a `postgresql://` address; `threads` is the number of worker threads of one process;
    `language` is what the command line speaks, zh or en; `cache` is where catalogs and templates of
    new tenants are kept between runs, the data folder unless it is said.
    """

    data: Path
    database_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8420
    threads: int = 4
    secure_cookies: bool = False
    language: str = "en"
    cache: Path | None = None


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read `DOUGONG_*` from `environment` (the process's own by default).

    Raises ValueError naming the variable whose value is not a whole number.
    """
    given = os.environ if environment is None else environment
    return Settings(
        data=Path(given.get("DOUGONG_DATA", "dougong-data")),
        database_url=given.get("DOUGONG_DATABASE_URL", ""),
        host=given.get("DOUGONG_HOST", "127.0.0.1"),
        port=_whole(given, "DOUGONG_PORT", 8420),
        threads=_whole(given, "DOUGONG_THREADS", 4),
        secure_cookies=given.get("DOUGONG_SECURE_COOKIES", "") == "1",
        language=_language(given),
        cache=Path(given["DOUGONG_CACHE"]) if given.get("DOUGONG_CACHE") else None,
    )


def _language(given: Mapping[str, str]) -> str:
    names = ("DOUGONG_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    said = next((given[name] for name in names if given.get(name)), "")
    return "zh" if said.startswith("zh") else "en"


def _whole(given: Mapping[str, str], name: str, default: int) -> int:
    text = given.get(name, str(default))
    if not text.isdigit():
        raise ValueError(f"{name} must be a whole number, not {text!r}")
    return int(text)

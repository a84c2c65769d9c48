"""Query: what is asked of a list, read from the parameters of a request."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

from dougong.catalog.catalog import Catalog
from dougong.foundation.errors import Place, Problem, ProblemKind, Refused, refuse
from dougong.queries.filters import read_filter
from dougong.queries.problems import (
    COUNT_WRONG,
    ENTITY_UNKNOWN,
    FILTER_NO_JSON,
    LIMIT_WRONG,
    NAME_WRONG,
    NAMES_TOO_MANY,
    PARAMETER_UNKNOWN,
    TEXT_TOO_LONG,
)

Count = Literal["none", "capped", "exact"]

MOST_ROWS = 500
MOST_NAMES = 200
MOST_SORTS = 5
MOST_FILTER = 20_000
MOST_SEARCH = 200
MOST_CURSOR = 4_000
PARAMETERS = (
    "filter", "sort", "fields", "expand", "limit", "after", "count", "q", "view",
)  # fmt: skip

_PATH = re.compile(r"[a-z][a-z0-9_]{0,59}(\.[a-z][a-z0-9_]{0,59}){0,5}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of a list.

    `filter` is the tree in JSON form (None: every row); `sort` are paths, with `-` before those
    that run downwards (empty: by id); `fields` are paths (empty: every readable field of the
    header); `expand` are links whose title is wanted; `after` is the `next` of the page before;
    `search` is free text; `view` names a view of the entity's list, whose condition is added.
    """

    filter: Mapping[str, Any] | None = None
    sort: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    expand: tuple[str, ...] = ()
    limit: int = 50
    after: str = ""
    count: Count = "none"
    search: str = ""
    view: str = ""


def read_query(catalog: Catalog, entity: str, params: Mapping[str, str]) -> Query:
    """Read the parameters of a request.

    Raises Refused with every problem (400), each with the parameter as its path; 404 for an unknown
    entity. Whether the names may be read is decided when the query runs.
    """
    if entity not in catalog.entities:
        raise refuse(ENTITY_UNKNOWN, entity=entity)
    problems = [_unknown(name) for name in params if name not in PARAMETERS]
    query = Query(
        filter=_filter(params.get("filter", ""), problems),
        sort=_names(params, "sort", MOST_SORTS, problems, sign=True),
        fields=_names(params, "fields", MOST_NAMES, problems),
        expand=_names(params, "expand", MOST_NAMES, problems),
        limit=_limit(params.get("limit", "50"), problems),
        after=_text(params, "after", MOST_CURSOR, problems),
        count=_count(params.get("count", "none"), problems),
        search=_text(params, "q", MOST_SEARCH, problems).strip(),
        view=_text(params, "view", 60, problems),
    )
    if problems:
        raise Refused(problems)
    return query


def is_path(text: str) -> bool:
    """Tell whether `text` is a dotted path of field names."""
    return _PATH.fullmatch(text) is not None


def _problem(kind: ProblemKind, path: str, **values: Any) -> Problem:
    return Problem(kind, Place(path=path), values)


def _unknown(name: str) -> Problem:
    near = get_close_matches(name, PARAMETERS, 1)
    known = ", ".join(PARAMETERS)
    values = {"name": name[:60], "known": known}
    return Problem(PARAMETER_UNKNOWN, Place(path=name[:60]), values, near[0] if near else "")


def _filter(text: str, problems: list[Problem]) -> Mapping[str, Any] | None:
    if not text:
        return None
    if len(text) > MOST_FILTER:
        problems.append(_problem(TEXT_TOO_LONG, "filter", name="filter", most=MOST_FILTER))
        return None
    try:
        tree = json.loads(text, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        problems.append(_problem(FILTER_NO_JSON, "filter", reason=str(error)[:100]))
        return None
    try:
        read_filter(tree)
    except Refused as refused:
        problems.extend(refused.problems)
        return None
    return tree if isinstance(tree, dict) else {"and": tree}


def _names(
    params: Mapping[str, str], name: str, most: int, problems: list[Problem], *, sign: bool = False
) -> tuple[str, ...]:
    text = params.get(name, "")
    if not text:
        return ()
    if len(text) > 100 * most:
        problems.append(_problem(NAMES_TOO_MANY, name, name=name, most=most))
        return ()
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if len(names) > most:
        problems.append(_problem(NAMES_TOO_MANY, name, name=name, most=most))
    problems += [
        _problem(NAME_WRONG, name, name=name, value=one[:60])
        for one in names
        if not is_path(one.removeprefix("-") if sign else one)
    ]
    return names


def _limit(text: str, problems: list[Problem]) -> int:
    if re.fullmatch(r"[0-9]{1,6}", text, re.ASCII) and 1 <= int(text) <= MOST_ROWS:
        return int(text)
    problems.append(_problem(LIMIT_WRONG, "limit", most=MOST_ROWS, value=text[:20]))
    return 50


def _count(text: str, problems: list[Problem]) -> Count:
    match text:
        case "none" | "capped" | "exact":
            return text
        case _:
            problems.append(_problem(COUNT_WRONG, "count", value=text[:20]))
            return "none"


def _text(params: Mapping[str, str], name: str, most: int, problems: list[Problem]) -> str:
    text = params.get(name, "")
    if len(text) > most:
        problems.append(_problem(TEXT_TOO_LONG, name, name=name, most=most))
        return ""
    return text

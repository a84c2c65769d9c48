"""Search across entities: one text, the records of every kind that match it."""

from collections.abc import Iterable
from dataclasses import dataclass

from dougong.access.columns import reader_columns
from dougong.access.recent import Recent
from dougong.access.rows import fill
from dougong.access.select_text import mark
from dougong.formulas.sql_pieces import Piece
from dougong.queries.searching import (
    WALKED,
    How,
    Search,
    Searched,
    fill_search,
    knows_all_words,
    named_handful,
    printable,
    search_condition,
    walk_index,
    walks_index,
)
from dougong.queries.statement import Limit, source
from dougong.queries.titles import Title, title_of
from dougong.records.work import Work

MOST = 50


@dataclass(frozen=True, slots=True)
class Hit:
    """A record found: its entity, id text and title."""

    entity: str
    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Made:
    """The statement that searches one entity."""

    statement: Piece
    title: Title


_kept: Recent[Made] = Recent(2_048)


def search(work: Work, text: str, entities: Iterable[str] = (), limit: int = 10) -> list[Hit]:
    """Return up to `limit` records of each entity that match `text`, newest first.

    `entities` are those to look in, in order; none means every one that may be read. An entity out
    of reach finds nothing. Raises Refused (404) for an entity that does not exist.
    """
    if not printable(text):
        return []
    hits: list[Hit] = []
    named = named_handful(work, text) if work.dialect == "postgresql" else None
    for entity in tuple(entities) or tuple(work.catalog.entities):
        decided = work.access(entity)
        if not decided.may("read") or not work.entity(entity).search:
            continue
        if not knows_all_words(decided):
            asked = Search(text, "plain")
        elif named is None:
            asked = Search(text, "index")
        elif entity in named:
            asked = Search(text, "ids", named[entity])
        else:
            continue
        hits += _hits(work, entity, asked, max(1, min(limit, MOST)))
    return hits


def _hits(work: Work, entity: str, asked: Search, limit: int) -> list[Hit]:
    made = _kept.get(
        (work.catalog.fingerprint, work.context.roles, work.dialect, entity, asked.how),
        lambda: _made(work, entity, asked.how),
        keep=bool(work.catalog.fingerprint),
    )
    params: list[object] = []
    for param in fill(made.statement.params, work.context, work.dialect):
        match param:
            case Searched():
                params.append(fill_search(param, asked, work.dialect))
            case Limit():
                params.append(limit)
            case _:
                params.append(param)
    rows = work.connection.run(made.statement.text, params)
    language = work.context.language
    return [Hit(entity, str(row[0]), made.title.write(row[1:], language)) for row in rows]


def _made(work: Work, entity: str, how: How) -> Made:
    decided = work.access(entity)
    columns = reader_columns(work.catalog, work.context.roles, work.dialect)
    title = title_of(columns, decided)
    rule = decided.rows("read")
    where = [] if rule is None else [Piece(rule.text, rule.params)]
    order = 't."id"'
    if walks_index(how, work.dialect):
        asked, order = walk_index(decided, where), WALKED
    else:
        asked = source(decided, [*where, search_condition(columns, decided, how, walking=True)])
    selected = [Piece('t."id"'), *title.columns]
    statement = Piece(
        f"SELECT {', '.join(one.text for one in selected)}{asked.text}"
        f" ORDER BY {order} DESC LIMIT {mark(work.dialect)}",
        (*(param for one in selected for param in one.params), *asked.params, Limit()),
    )
    return Made(statement, title)

"""Titles: what people call the records that links point to, as far as this person may read them."""

from collections.abc import Iterable, Mapping
from typing import Any

from dougong.access.columns import reader_columns
from dougong.access.recent import Recent
from dougong.catalog.entity import Entity, Field
from dougong.queries.expansion import Below, Fetch, add_links, belows_of, fetch_lines_of, fetch_of
from dougong.queries.expansion import records_of as fetch_records
from dougong.queries.selection import Wanted, select
from dougong.records.work import Work

Belows = tuple[tuple[Below, ...], Mapping[str, tuple[Below, ...]]]

_fetches: Recent[Fetch] = Recent(1_024)
_belows: Recent[Belows] = Recent(1_024)


def record_titles(work: Work, entity_id: str, ids: Iterable[str]) -> dict[str, str]:
    """Return the titles of records by id text; those out of reach are not in it."""
    wanted = [one for one in ids if one.isdecimal()]
    if not wanted or entity_id not in work.catalog.entities:
        return {}
    columns = reader_columns(work.catalog, work.context.roles, work.dialect)
    fetch = _fetches.get(
        (work.catalog.fingerprint, work.context.roles, work.dialect, entity_id),
        lambda: fetch_of(columns, Wanted(work.access(entity_id), ())),
        keep=bool(work.catalog.fingerprint),
    )
    found = fetch_records(work, fetch, wanted)
    return {id_: str(row["title"]) for id_, row in found.items()}


def record_title(work: Work, entity_id: str, id_: str) -> str:
    """Return the title of one record, or its id when it is out of reach."""
    return record_titles(work, entity_id, [id_]).get(id_, id_)


def is_shown_link(field: Field) -> bool:
    """Tell whether a field is a link whose title can be shown."""
    return field.type in ("link", "links") and bool(field.targets) and bool(field.column)


def link_paths(work: Work, entity: Entity) -> tuple[str, ...]:
    """Return the paths of every link this person may see, in the header and in lines."""
    hidden = work.access(entity.id).hidden
    header = [name for name, field in entity.fields.items() if is_shown_link(field)]
    lines = [
        f"{name}.{field.name}"
        for name, one in entity.lines.items()
        for field in one.fields.values()
        if is_shown_link(field) and name not in hidden
    ]
    return tuple(path for path in (*header, *lines) if path not in hidden)


def add_titles(work: Work, entity: Entity, record: dict[str, Any]) -> dict[str, Any]:
    """Add to a record that was not read but proposed the records its links point to (`expanded`),
    in the header and in its lines; returns the same record.
    """
    header, lines = _belows.get(
        (work.catalog.fingerprint, work.context.roles, work.dialect, entity.id),
        lambda: _below(work, entity),
        keep=bool(work.catalog.fingerprint),
    )
    add_links(work, header, [record])
    for name, below in lines.items():
        add_links(work, below, record.get(name) or [])
    return record


def _below(work: Work, entity: Entity) -> Belows:
    roles, dialect = work.context.roles, work.dialect
    paths = link_paths(work, entity)
    wanted = select(work.catalog, roles, entity.id, dialect, expand=paths)
    columns = reader_columns(work.catalog, roles, dialect)
    lines = {one.lines.name: fetch_lines_of(columns, one).expand for one in wanted.lines}
    return belows_of(columns, wanted.expand), lines

"""Finds the records that links in a file name: by a field, by business key, else by name."""

import re
from collections.abc import Iterable, Iterator

from dougong.catalog.entity import Entity, Field
from dougong.foundation.translate import Label
from dougong.queries.list_records import list_records
from dougong.queries.query import Query
from dougong.records.work import Work

AT_ONCE = 500
_ID = re.compile(r"[1-9][0-9]{0,17}")


def find_targets(
    work: Work, link: Field, by: str, texts: Iterable[str]
) -> tuple[dict[str, int], set[str], Label]:
    """Return (id by text, texts that fit several records, the label of the field searched first).

    All texts are looked up together, 500 to a statement, as the person may read them. Without `by`
    the single field of the business key serves, and a text it does not know is tried as a name. A
    line, or a record whose entity stands in a neighbour field, is named by its id.
    """
    if link.to_line or link.by:
        return {text: int(text) for text in texts if _ID.fullmatch(text)}, set(), link.label
    entity = work.catalog.entities[link.targets[0]]
    tried = _fields_to_try(entity, by)
    found: dict[str, int] = {}
    doubled: set[str] = set()
    rest = set(texts)
    for name in tried:
        for text, record in _look_up(work, entity, name, sorted(rest)):
            if text in found and found[text] != record:
                doubled.add(text)
            found[text] = record
        rest -= found.keys()
        if not rest:
            break
    for text in doubled:
        del found[text]
    label = entity.fields[tried[0]].label if tried[0] in entity.fields else entity.label
    return found, doubled, label


def _fields_to_try(entity: Entity, by: str) -> list[str]:
    if by:
        return [by]
    tried = list(entity.key) if len(entity.key) == 1 else []
    tried += [name for name in ("number", "name") if name in entity.fields and name not in tried]
    return tried or ["id"]


def _look_up(work: Work, entity: Entity, name: str, texts: list[str]) -> Iterator[tuple[str, int]]:
    for at in range(0, len(texts), AT_ONCE):
        part = texts[at : at + AT_ONCE]
        query = Query(
            filter={"field": name, "op": "in", "value": part}, fields=(name,), limit=2 * AT_ONCE
        )
        by_value = {text: text for text in part}
        for row in list_records(work, entity.id, query).rows:
            value = row[name]
            yield by_value.get(str(value), str(value)), int(row["id"])

"""Reads the records that links point to, set-wise, and turns business keys into ids."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from dougong.access.rows import fill
from dougong.catalog.entity import Entity, Field
from dougong.fields.field_type import BadValue
from dougong.fields.links import KeyOf
from dougong.fields.types import field_type
from dougong.generated.code import EntityCode
from dougong.generated.fetch import Fetch, Target, target_of
from dougong.generated.rows import memory_to_stored
from dougong.generated.shape import quoted
from dougong.records.work import Work

_encode = msgspec.json.encode


class Linked:
    """The `k` of generated code: `maps[n]` holds what was read of target n, by id.

    `typed[n]` are the ids that a person gave; only of those it matters whether the person may read
    them.
    """

    __slots__ = ("_fetches", "_work", "empty", "maps", "typed")

    def __init__(self, work: Work, code: EntityCode) -> None:
        self._work = work
        self._fetches = code.fetches
        self.empty = code.empties
        self.maps: list[dict[int, tuple[Any, ...]]] = [{} for _ in code.fetches]
        self.typed: list[set[int]] = [set() for _ in code.fetches]

    def need(self, number: int, ids: Iterable[Any]) -> None:
        """Read the records of `ids` that were not read yet; what is no id is passed over."""
        known = self.maps[number]
        missing = [one for one in {*ids} if one not in known and one.__class__ is int]
        if missing:
            known.update(read_targets(self._work, self._fetches[number], missing))

    def type_one(self, number: int, id_: int) -> None:
        """Note an id that a person gave, and read it."""
        self.typed[number].add(id_)
        known = self.maps[number]
        if id_ not in known:
            known.update(read_targets(self._work, self._fetches[number], [id_]))

    def type(self, number: int, ids: set[Any]) -> bool:
        """Note ids that a person gave, and read them; True when one is a business key."""
        if KeyOf in {*map(type, ids)}:
            return True
        self.typed[number] |= ids
        self.need(number, ids)
        return False


def read_targets(work: Work, fetch: Fetch, ids: list[int]) -> dict[int, tuple[Any, ...]]:
    """Read records of one target: id to (may be read, values …)."""
    readable, before = work.readable(fetch.target.entity.id)
    given: Any = ids[0]
    many = len(ids) > 1
    if many:
        given = _encode(ids).decode() if work.dialect == "sqlite" else ids
    if fetch.params:
        before = (*before, *fill(fetch.params, work.context, work.dialect))
    load = fetch.load
    rows = work.connection.run(fetch.sql(readable, many=many), (*before, given))
    return {row[0]: load(row) for row in rows}


# --- business keys ------------------------------------------------------------------------------


@dataclass(slots=True)
class _Search:
    """Records of one target that are to be found by the same names."""

    target: Target
    names: tuple[str, ...]
    wanted: dict[tuple[Any, ...], list[KeyOf]]


def find_keys(work: Work, wanted: Iterable[tuple[str, KeyOf]]) -> dict[tuple[str, KeyOf], int]:
    """Find the ids of records named by business key, (target, key) to id; set-wise.

    What is not found is left out. Raises LookupError(names) for names by which the target's records
    are not known: neither its key nor one unique field.
    """
    searches: dict[tuple[str, tuple[str, ...]], _Search] = {}
    for target_id, key in wanted:
        names = tuple(name for name, _ in key.values)
        search = searches.get((target_id, names))
        if search is None:
            target = target_of(work.catalog, target_id)
            if not is_key(target.entity, names):
                raise LookupError(target_id, names)
            search = searches[target_id, names] = _Search(target, names, {})
        stored = _stored(work, target_of(work.catalog, target_id), key)
        if stored is not None:
            search.wanted.setdefault(stored, []).append(key)
    found: dict[tuple[str, KeyOf], int] = {}
    for search in searches.values():
        for id_, *values in _rows(work, search):
            for key in search.wanted.get(tuple(values), ()):
                found[search.target.id, key] = id_
    return found


def find_stored(
    work: Work, entity: str, names: tuple[str, ...], wanted: list[tuple[Any, ...]]
) -> dict[tuple[Any, ...], list[int]]:
    """Find the ids of records by the stored values of some fields; set-wise."""
    search = _Search(target_of(work.catalog, entity), names, {values: [] for values in wanted})
    found: dict[tuple[Any, ...], list[int]] = {}
    for id_, *values in _rows(work, search):
        found.setdefault(tuple(values), []).append(id_)
    return found


def is_key(entity: Entity, names: Iterable[str]) -> bool:
    """Tell whether records of the entity are known by these fields."""
    given = sorted(names)
    if entity.key and given == sorted(entity.key):
        return True
    if len(given) != 1 or given[0] not in entity.fields:
        return False
    return entity.fields[given[0]].unique or given[0] == "id"


def _stored(work: Work, target: Target, key: KeyOf) -> tuple[Any, ...] | None:
    """Return what is stored for the values of a key; None when one could never be stored."""
    values = []
    for name, value in key.values:
        each = target.fields[name]
        try:
            read = field_type(each.type).accept(value, each.shape)
        except BadValue:
            return None
        if read is None or isinstance(read, KeyOf):
            return None
        values.append(memory_to_stored(each, work.dialect)(read))
    return tuple(values)


def _rows(work: Work, search: _Search) -> list[tuple[Any, ...]]:
    if not search.wanted:
        return []
    columns = [quoted(search.target.fields[name].column or name) for name in search.names]
    head = f'SELECT t."id", {", ".join(f"t.{each}" for each in columns)} FROM @.{quoted(search.target.table)} AS t'  # noqa: S608 -- our names
    keys = list(search.wanted)
    if work.dialect == "postgresql":
        casts = ", ".join("%s::" + _array(search.target.fields[name]) for name in search.names)
        names = ", ".join(f"k{at}" for at in range(len(columns)))
        join = " AND ".join(f"t.{each} = k.k{at}" for at, each in enumerate(columns))
        sql = f"{head} JOIN unnest({casts}) AS k({names}) ON {join}"
        return work.connection.run(sql, [list(part) for part in zip(*keys, strict=True)])
    if len(columns) == 1:
        sql = f'{head} WHERE t.{columns[0]} IN (SELECT "value" FROM json_each(?))'  # noqa: S608 -- our names
        return work.connection.run(sql, [_encode([key[0] for key in keys]).decode()])
    join = " AND ".join(
        f"t.{each} = json_extract(k.\"value\", '$[{at}]')" for at, each in enumerate(columns)
    )
    return work.connection.run(
        f"{head} JOIN json_each(?) AS k ON {join}",
        [_encode(keys).decode()],
    )


def _array(each: Field) -> str:
    kind = field_type(each.type).kind
    if kind == "number":
        return "numeric[]" if hasattr(field_type(each.type), "scale") else "bigint[]"
    return {"link": "bigint[]", "boolean": "boolean[]", "date": "date[]", "time": "time[]",
            "datetime": "timestamptz[]"}.get(kind, "text[]")  # fmt: skip

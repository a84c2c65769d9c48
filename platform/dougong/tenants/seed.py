"""Data that comes with modules: seeded once for the tenant to own, or kept equal by the module."""

from collections.abc import Iterable, Mapping
from typing import Any

from dougong.catalog.catalog import Catalog
from dougong.catalog.entity import Entity
from dougong.catalog.process import DataSet
from dougong.foundation.errors import Place, Problem, Refused
from dougong.foundation.translate import Label
from dougong.records import store
from dougong.records.work import Work
from dougong.tenants.problems import BAD_DATA_ROW
from dougong.tenants.setup import setup_work
from dougong.tenants.written import wire_body


def seed(
    work: Work,
    catalog: Catalog,
    *,
    before: Catalog | None = None,
    demo: bool = False,
) -> int:
    """Load the data sets of `catalog` with every right, in the order their links need.

    Sets owned by the tenant are loaded when `before` (what was applied so far) does not have them:
    once, so that what a person changed or deleted stays so. Sets owned by a module are always made
    equal. With `demo` only the sets marked so are loaded. Returns how many rows were written.
    Refuses rows that do not fit, all of them, with file and line.
    """
    known = before.data if before else {}
    wanted = [
        data
        for data in in_order(catalog)
        if data.demo == demo and (demo or data.owner == "module" or data.id not in known)
    ]
    if not wanted:
        return 0
    setting_up = setup_work(work)
    problems: list[Problem] = []
    written = 0
    for data in wanted:
        entity = catalog.entities[data.entity]
        for keys in _waves(entity, data):
            rows = _rows(catalog, data, keys, work.context.language)
            results = store.upsert(setting_up, data.entity, rows, key=(data.key,), good_only=False)
            written += sum(result.status in ("created", "changed") for result in results)
            problems += _misfits(entity, data, zip(keys, results, strict=True))
        if problems:
            break
    if problems:
        raise Refused(problems)
    return written


def mirror_roles(work: Work, catalog: Catalog) -> None:
    """Keep a record of base.role for every declared role, so that people can be given them."""
    language = work.context.language
    rows = [
        {"code": role.id, "name": role.label.say(language)}
        for role in catalog.roles.values()
        if not role.id.startswith("base.everyone")
    ]
    store.upsert(setup_work(work), "base.role", rows, key=("code",), good_only=False)


def in_order(catalog: Catalog) -> list[DataSet]:
    """Return the data sets so that each stands after those its links point to."""
    by_entity: dict[str, list[DataSet]] = {}
    for data in catalog.data.values():
        by_entity.setdefault(data.entity, []).append(data)
    ordered: list[DataSet] = []
    seen: set[str] = set()

    def visit(entity_id: str) -> None:
        if entity_id in seen or entity_id not in by_entity:
            return
        seen.add(entity_id)
        for target in sorted(_targets(catalog.entities[entity_id])):
            visit(target)
        ordered.extend(by_entity[entity_id])

    for entity_id in by_entity:
        visit(entity_id)
    return ordered


def _targets(entity: Entity) -> set[str]:
    fields = [*entity.fields.values()]
    for lines in entity.lines.values():
        fields.extend(lines.fields.values())
    return {target for field in fields for target in field.targets if target != entity.id}


def _waves(entity: Entity, data: DataSet) -> list[list[str]]:
    """Order the rows of a set so that each comes after the rows of the set it points to (a tree)."""
    own = [field.name for field in entity.fields.values() if entity.id in field.targets]
    waiting = dict(data.rows)
    waves: list[list[str]] = []
    while waiting:
        wave = [key for key, row in waiting.items() if not any(row.get(n) in waiting for n in own)]
        wave = wave or list(waiting)  # a circle: the gate says so
        waves.append(wave)
        for key in wave:
            del waiting[key]
    return waves


def _rows(
    catalog: Catalog, data: DataSet, keys: Iterable[str], language: str
) -> list[dict[str, Any]]:
    entity = catalog.entities[data.entity]
    return [
        wire_body(catalog, entity, {data.key: key, **data.rows[key]}, language=language)
        for key in keys
    ]


def _misfits(
    entity: Entity, data: DataSet, rows: Iterable[tuple[str, store.RowResult]]
) -> list[Problem]:
    """Tell the rows that were refused, each with what is wrong with it."""
    found = []
    for key, result in rows:
        for problem in result.problems if result.status == "refused" else ():
            place = Place(data.place.file, data.place.line, data.place.column, f"rows.{key}")
            values: Mapping[str, Any] = {
                "data": data.id,
                "row": f"{key}.{problem.where.path}" if problem.where.path else key,
                "entity": entity.label,
                "reason": Label.of({"zh": problem.reason("zh"), "en": problem.reason("en")}),
            }
            found.append(Problem(BAD_DATA_ROW, place, values))
    return found

"""What ties a record to others beyond plain links: trees without circles, links to one of several
kinds of record, and settings of which there is only one.
"""

from typing import Any

from dougong.catalog.entity import Entity, Field, Tree
from dougong.generated.code import EntityCode
from dougong.generated.shape import TableShape, quoted
from dougong.generated.sql import mark
from dougong.records import problems as kinds
from dougong.records.report import Report
from dougong.records.work import Work


def check(work: Work, code: EntityCode, record: Any, old: Any, report: Report) -> None:
    """Report what ties do not hold; `old` is the record before the change, None for a new one."""
    entity = code.entity
    if entity.tree is not None and entity.tree.parent in code.shape.header.fields:
        _tree(work, code, entity.tree, record, old, report)
    for each in entity.fields.values():
        if each.cycle == "refuse" and (entity.tree is None or each.name != entity.tree.parent):
            _circle(work, entity, each, record, old, report)
    for table in code.shape.tables:
        for each in table.fields.values():
            if each.by:
                for row in (record,) if not table.name else getattr(record, f"l_{table.name}"):
                    _dynamic(work, table, each, row, _before(table, row, old), report)
    if entity.kind == "setting" and old is None:
        _one_setting(work, entity, record, report)


def _before(table: TableShape, row: Any, old: Any) -> Any:
    if old is None or not table.name:
        return old
    return next((line for line in getattr(old, f"l_{table.name}") if line.id == row.id), None)


# --- trees --------------------------------------------------------------------------------------


def _tree(work: Work, code: EntityCode, tree: Tree, record: Any, old: Any, report: Report) -> None:
    name = f"f_{tree.parent}"
    parent = getattr(record, name)
    if old is not None and parent == getattr(old, name):
        return
    label = report.field(tree.parent).label
    if parent is None:
        if tree.root == "one" and _has_root(work, code.entity, tree, record.id):
            report.add(kinds.TREE_ONE_ROOT, tree.parent, entity=code.entity.label)
        return
    if old is not None and is_below(work, code.entity, tree.parent, parent, record.id):
        report.add(kinds.TREE_CIRCLE, tree.parent, label=label)
    elif tree.group and tree.group in code.shape.header.fields:
        table, group = quoted(code.entity.table), quoted(code.entity.fields[tree.group].column)
        rows = work.connection.run(
            f'SELECT {group} FROM @.{table} WHERE "id" = {mark(work.dialect)}',  # noqa: S608 -- our names
            [parent],
        )
        if rows and not rows[0][0]:
            report.add(kinds.TREE_NOT_GROUP, tree.parent, label=label)


def _circle(work: Work, entity: Entity, each: Field, record: Any, old: Any, report: Report) -> None:
    """A link to its own kind that may not come back to where it began; a new record can't yet."""
    name = f"f_{each.name}"
    target = getattr(record, name)
    if old is None or target is None or target == getattr(old, name):
        return
    if each.targets == (entity.id,) and is_below(work, entity, each.name, target, record.id):
        report.add(kinds.TREE_CIRCLE, each.name, label=each.label)


def is_below(work: Work, entity: Entity, parent: str, start: int, id_: int) -> bool:
    """Tell whether `start` is the record `id_` or stands below it."""
    table, column, one = (
        quoted(entity.table),
        quoted(entity.fields[parent].column),
        mark(work.dialect),
    )
    rows = work.connection.run(
        f'WITH RECURSIVE up("id", "above") AS ('  # noqa: S608 -- our names
        f'SELECT "id", {column} FROM @.{table} WHERE "id" = {one} '
        f'UNION SELECT p."id", p.{column} FROM up JOIN @.{table} AS p ON p."id" = up."above") '
        f'SELECT 1 FROM up WHERE "id" = {one}',
        [start, id_],
    )
    return bool(rows)


def _has_root(work: Work, entity: Entity, tree: Tree, id_: int | None) -> bool:
    table = quoted(entity.table)
    column = quoted(entity.fields[tree.parent].column)
    rows = work.connection.run(
        f'SELECT "id" FROM @.{table} WHERE {column} IS NULL AND "id" <> {mark(work.dialect)} LIMIT 1',  # noqa: S608 -- our names
        [id_ or 0],
    )
    return bool(rows)


# --- links to one of several kinds --------------------------------------------------------------


def _dynamic(
    work: Work, table: TableShape, each: Field, row: Any, before: Any, report: Report
) -> None:
    value, kind = getattr(row, f"f_{each.name}"), getattr(row, f"f_{each.by}")
    if value is None or (
        before is not None
        and value == getattr(before, f"f_{each.name}")
        and kind == getattr(before, f"f_{each.by}")
    ):
        return
    path = f"{table.name}.{row.position}.{each.name}" if table.name else each.name
    if kind is None:
        by = table.fields[each.by].label
        report.add(kinds.LINK_WITHOUT_ENTITY, path, label=each.label, by=by)
        return
    target = work.catalog.entities.get(kind)
    if (
        target is None
        or (each.targets and kind not in each.targets)
        or not _is_readable(work, kind, value)
    ):
        label = target.label if target else kind
        report.add(kinds.LINK_MISSING, path, label=each.label, entity=label)


def _is_readable(work: Work, entity_id: str, id_: Any) -> bool:
    access = work.access(entity_id)
    if not access.may("read") or not isinstance(id_, int):
        return False
    rule = access.rows("read")
    sql = work.code(entity_id).sql.exists
    params: list[Any] = [id_]
    if rule is not None:
        sql = f"{sql} AND ({rule.text})"
        params += rule.fill(work.context)
    return bool(work.connection.run(sql, params))


def _one_setting(work: Work, entity: Entity, record: Any, report: Report) -> None:
    sql, params = f"SELECT 1 FROM @.{quoted(entity.table)}", []  # noqa: S608 -- our names
    if entity.per == "company" and "company" in entity.fields:
        sql += f' WHERE "company" = {mark(work.dialect)}'
        params.append(record.f_company)
    if work.connection.run(f"{sql} LIMIT 1", params):
        report.add(kinds.ONE_SETTING, "", entity=entity.label)

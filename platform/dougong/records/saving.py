"""Writes a record and all that goes with it: lines, search words, trail. One place, few statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

import msgspec

from dougong.database.port import Conflict
from dougong.fields.types import field_type
from dougong.fields.words import index_words, sort_name, words_text
from dougong.foundation.errors import Place, Problem, Refused, refuse
from dougong.foundation.translate import Label
from dougong.generated.code import EntityCode, TableCode
from dougong.generated.sql import many_rows
from dougong.records import problems as kinds
from dougong.records import search_index, trail
from dougong.records.drafting import Draft
from dougong.records.work import Work

_encode = msgspec.json.encode
AT_ONCE = 32
"""Rows of one statement on SQLite: some dozens cost half of one by one, more cost no less."""


def insert(work: Work, draft: Draft, action: str = "create") -> dict[str, Any]:
    """Write a new record; returns it for JSON. Raises Refused for a conflict with what is stored."""
    code, record, context = draft.code, draft.record, work.context
    sets = [(name, getattr(record, f"l_{name}")) for name in code.lines]
    count = sum([len(rows) for _, rows in sets])
    first = at = work.new_ids(count + 2)
    record.id = first
    record.version = 1
    record.created = record.changed = context.now
    record.created_by = record.changed_by = context.user or None
    bound: list[tuple[str, int, list[Any]]] = []
    for name, rows in sets:
        if rows:
            bound.append((name, len(rows), code.lines[name].number(rows, first, at)))
            at += len(rows)
    wired = code.header.wire(record)
    draft.told = _encode(wired)
    changes = trail.created_changes(draft.told)
    words = index_words(code.words(record, draft.environment, draft.linked))
    row = trail.row(context, first + count + 1, code.entity.id, first, 1, action, changes)
    try:
        if work.dialect == "sqlite":
            _insert_sqlite(work, code, record, bound, words, row)
        else:
            _insert_postgres(work, code, record, bound, words, row)
    except Conflict as conflict:
        raise refused(code, conflict) from None
    return wired


Bound = list[tuple[str, int, list[Any]]]
"""New lines by name: how many, and the values of their columns."""


def _insert_sqlite(
    work: Work, code: EntityCode, record: Any, bound: Bound, words: list[str], row: Any
) -> None:
    connection = work.connection
    connection.change(code.sql.insert, code.header.bind(record))
    for name, count, values in bound:
        insert_flat(work, code.sql.lines[name].insert, count, values)
    if words:
        connection.change(
            search_index.ADD_SQLITE, (record.id, code.entity.id, record.id, " ".join(words))
        )
    connection.change(trail.INSERT_SQLITE, row)


def insert_flat(work: Work, sql: str, count: int, values: list[Any]) -> None:
    """Run an INSERT of one row for many rows (SQLite), some dozens in each statement."""
    if count <= AT_ONCE:
        work.connection.change(many_rows(sql, count), values)
        return
    width = len(values) // count
    for at in range(0, count, AT_ONCE):
        part = values[at * width : (at + AT_ONCE) * width]
        work.connection.change(many_rows(sql, len(part) // width), part)


def insert_many(work: Work, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run an INSERT of one row for many rows (SQLite)."""
    insert_flat(work, sql, len(rows), [*chain.from_iterable(rows)])


def _insert_postgres(
    work: Work, code: EntityCode, record: Any, bound: Bound, words: list[str], row: Any
) -> None:
    """Send header, lines, words and trail as one statement: one round trip."""
    params: list[Any] = list(code.header.bind(record))
    for name, _, values in bound:
        params += columns_of(code.lines[name], values)
    if words:
        params += [record.id, code.entity.id, words_text(words, "postgresql")]
    params += row
    filled = tuple(name for name, _, _ in bound)
    work.connection.change(_whole_insert(_Texts(code), filled, bool(words)), params)


@dataclass(frozen=True, slots=True)
class _Texts:
    """An entity's code, known by its fingerprint for the memory of statements."""

    code: EntityCode

    def __hash__(self) -> int:
        return hash(self.code.sql.insert)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Texts) and other.code.sql == self.code.sql


@lru_cache(maxsize=1000)
def _whole_insert(texts: _Texts, lines: tuple[str, ...], words: bool) -> str:  # noqa: FBT001 -- a key of the memory
    sql = texts.code.sql
    parts = [f"h AS ({sql.insert})"]
    parts += [f"l{at} AS ({sql.lines[name].insert})" for at, name in enumerate(lines)]
    if words:
        parts.append(f"w AS ({search_index.ADD_POSTGRES})")
    return f"WITH {', '.join(parts)} {trail.INSERT_POSTGRES}"


def columns_of(table: TableCode, rows: list[tuple[Any, ...]]) -> list[list[Any]]:
    """Turn rows into one list per column, as `unnest` takes them; lists of ids become array texts."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    start = len(table.shape.own)
    for at, each in enumerate(table.shape.stored, start):
        if field_type(each.type).kind == "links":
            columns[at] = [
                None if ids is None else "{" + ",".join(map(str, ids)) + "}" for ids in columns[at]
            ]
    return columns


# --- changes ------------------------------------------------------------------------------------


def update(
    work: Work, draft: Draft, old: Any, action: str, extra: dict[str, Any] | None = None
) -> bool:
    """Write what differs between `old` and the draft's record; returns whether anything did.

    An action that changes nothing is written too (`action` is not "change"). Raises Refused: 409
    when somebody was faster, or for a conflict with what is stored.
    """
    code, record = draft.code, draft.record
    names = code.header.differ(old, record)
    moves = _line_changes(code, old, record)
    if not names and not moves.any and action == "change":
        return False
    changes: dict[str, Any] = dict(extra or {})
    for name in names:
        changes[name] = [
            wired_field(code.header, old, name),
            wired_field(code.header, record, name),
        ]
    context = work.context
    record.version = old.version + 1
    record.changed, record.changed_by = context.now, context.user or None
    try:
        _update_header(work, code, old, record, names)
        _write_lines(work, code, record, moves, changes)
    except Conflict as conflict:
        raise refused(code, conflict) from None
    trail.write(work, code.entity.id, record.id, record.version, action, _encode(changes).decode())
    search_index.renew(work, draft, old, names)
    return True


def wired_field(table: TableCode, record: Any, name: str) -> Any:
    """Return one field of a record or line for JSON."""
    each = table.shape.fields[name]
    return field_type(each.type).wire(getattr(record, f"f_{name}"), each.shape)


def _update_header(work: Work, code: EntityCode, old: Any, record: Any, names: list[str]) -> None:
    shape, whole = (
        code.shape.header,
        dict(zip(code.shape.header.columns, code.header.bind(record), strict=True)),
    )
    columns = ["version", "changed", "changed_by"]
    for name in names:
        columns.append(shape.fields[name].column)
        if name in shape.sorted:
            columns.append(sort_name(name))
    sql = code.sql.update(tuple(columns))
    params = [*(whole[column] for column in columns), old.id, old.version]
    if not work.connection.change(sql, params):
        raise refuse(
            kinds.VERSION_CONFLICT,
            entity=code.entity.label,
            yours=old.version,
            theirs=old.version + 1,
        )


@dataclass(slots=True)
class _Moves:
    """What became of the lines, per set: new ones, changed ones with their fields, gone ones."""

    new: list[tuple[str, Any]]
    changed: list[tuple[str, Any, Any, list[str]]]
    gone: list[tuple[str, Any]]
    order: list[tuple[str, list[str], list[str]]]

    @property
    def any(self) -> bool:
        """Tell whether anything happened."""
        return bool(self.new or self.gone or self.order or any(names for *_, names in self.changed))


def _line_changes(code: EntityCode, old: Any, record: Any) -> _Moves:
    moves = _Moves([], [], [], [])
    for name, table in code.lines.items():
        before = {line.id: line for line in getattr(old, f"l_{name}")}
        after = getattr(record, f"l_{name}")
        for position, line in enumerate(after):
            line.position = position
            was = before.get(line.id) if line.id else None
            if was is None:
                moves.new.append((name, line))
                continue
            names = table.differ(was, line)
            if names or was.position != position:
                moves.changed.append((name, was, line, names))
        kept = {line.id for line in after if line.id}
        moves.gone += [(name, line) for id_, line in before.items() if id_ not in kept]
        ids = [str(id_) for id_ in before if id_ in kept]
        now = [str(line.id) for line in after if line.id]
        if ids != now:
            moves.order.append((name, ids, now))
    return moves


def _write_lines(
    work: Work, code: EntityCode, record: Any, moves: _Moves, changes: dict[str, Any]
) -> None:
    connection = work.connection
    for name, line in moves.gone:
        connection.change(code.sql.lines[name].delete_one, [line.id, record.id])
        changes[f"{name}.{line.id}"] = [code.lines[name].wire(line), None]
    for name, was, line, names in moves.changed:
        table = code.lines[name]
        columns = tuple(table.shape.fields[each].column for each in names)
        values = [table.values[each](line) for each in names]
        if was.position != line.position:
            columns, values = (*columns, "position"), [*values, line.position]
        connection.change(code.sql.update_line(name, columns), [*values, line.id, record.id])
        for each in names:
            changes[f"{name}.{line.id}.{each}"] = [
                wired_field(table, was, each),
                wired_field(table, line, each),
            ]
    for name in code.lines:
        fresh = [line for where, line in moves.new if where == name]
        if not fresh:
            continue
        first = work.new_ids(len(fresh))
        for at, line in enumerate(fresh, first):
            line.id = at
            changes[f"{name}.{at}"] = [None, code.lines[name].wire(line)]
        insert_lines(work, code, name, record.id, fresh)
    for name, before, after in moves.order:
        changes[name] = [before, after]


def insert_lines(work: Work, code: EntityCode, name: str, parent: int, lines: list[Any]) -> None:
    """Write new lines of a header."""
    insert_lines_rows(work, code, name, [code.lines[name].bind(line, parent) for line in lines])


def insert_lines_rows(work: Work, code: EntityCode, name: str, rows: list[tuple[Any, ...]]) -> None:
    """Write rows of lines, of one header or many."""
    sql = code.sql.lines[name].insert
    if work.dialect == "sqlite":
        insert_many(work, sql, rows)
    else:
        work.connection.change(sql, columns_of(code.lines[name], rows))


def remove(work: Work, code: EntityCode, record: Any) -> None:
    """Delete a record with its lines, its words and its trail's last row. Raises Refused (409)."""
    wired = stored_wire(code, record)
    connection = work.connection
    try:
        for sql in code.sql.lines.values():
            connection.change(sql.delete_all, [record.id])
        gone = connection.change(code.sql.delete, [record.id, record.version])
    except Conflict as conflict:
        raise refused(code, conflict, deleting=True) from None
    if not gone:
        raise refuse(
            kinds.VERSION_CONFLICT,
            entity=code.entity.label,
            yours=record.version,
            theirs=record.version + 1,
        )
    search_index.drop(work, record.id)
    changes = trail.deleted_changes(_encode(wired))
    trail.write(work, code.entity.id, record.id, record.version, "delete", changes)


def stored_wire(code: EntityCode, record: Any) -> dict[str, Any]:
    """Return a record for JSON without what is computed when it is read."""
    wired = code.header.wire(record)
    for table in code.shape.tables:
        for each in table.unstored:
            for row in (wired,) if not table.name else wired[table.name]:
                row.pop(each.name, None)
    return wired


def refused(code: EntityCode, conflict: Conflict, *, deleting: bool = False) -> Refused:
    """Say in words which constraint of the database said no."""
    if conflict.kind == "foreign_key":
        kind = kinds.REFERENCED if deleting else kinds.BROKEN_LINK
        return refuse(kind, who=Label.of({"zh": "其他数据", "en": "another record"}))
    table = next(
        (each for each in code.shape.tables if each.table == conflict.table), code.shape.header
    )
    columns = [name for name in conflict.columns if name in table.fields] or _of_index(
        code, conflict
    )
    labels = [table.fields[name].label for name in columns if name in table.fields]
    if conflict.kind == "unique":
        values = {"label": _joined(labels), "entity": code.entity.label}
        where = table.path(columns[0]) if columns else ""
        return Refused([Problem(kinds.NOT_UNIQUE, Place(path=where), values)])
    return Refused(
        [Problem(kinds.REQUIRED, Place(path=table.path(name)), {"label": table.fields[name].label})
         for name in columns] or [Problem(kinds.REQUIRED, values={"label": _joined(labels)})]
    )  # fmt: skip


def _of_index(code: EntityCode, conflict: Conflict) -> list[str]:
    for index in code.entity.indexes:
        if conflict.constraint.endswith(f"__{index.name}"):
            return list(index.fields)
    return list(code.entity.key)


def _joined(labels: list[Label]) -> Label:
    if len(labels) == 1:
        return labels[0]
    return Label.of(
        {
            "zh": "、".join(each.say("zh") for each in labels),
            "en": ", ".join(each.say("en") for each in labels),
        }
    )

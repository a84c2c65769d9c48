"""Takes data aside before a destructive step, and puts it back when the change is undone."""

import json
from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from dougong.database.convert import convertible, misfit
from dougong.database.lock import next_id
from dougong.database.match import SORT
from dougong.database.port import Connection
from dougong.database.rows import CHUNK, in_chunks, mark, readers, writers
from dougong.database.steps import AnyStep, ConvertColumn, DropColumn, DropTable, Restore
from dougong.database.tables import Column, State, Table, quote


def park(connection: Connection, journal: int, number: int, step: AnyStep, before: State) -> None:
    """Keep what the step will take away: whole rows of a table, or a column's values by row; and the
    values of a column whose new type does not lead back.

    `journal` and `number` say which step of which change it belongs to.
    """
    table = before.tables.get(step.table)
    match step:
        case DropTable() if table is not None and not _is_made_by_us(table):
            _park_rows(connection, journal, number, table)
        case DropColumn() if table is not None and step.column.kind != SORT:
            filled = f"{quote(step.column.name)} is not null"
            _park_values(connection, journal, number, table, step.column, filled, None)
        case ConvertColumn() if table is not None and step.lossy:
            changed = misfit(step.before, step.after, connection.dialect)
            _park_values(connection, journal, number, table, step.before, changed, step.after)
        case ConvertColumn() if table is not None and not convertible(step.after, step.before):
            filled = f"{quote(step.before.name)} is not null"
            _park_values(connection, journal, number, table, step.before, filled, None)
        case _:
            pass


def _is_made_by_us(table: Table) -> bool:
    return not table.entity and bool(table.instead)


def _park_rows(connection: Connection, journal: int, number: int, table: Table) -> None:
    columns = list(table.columns.values())
    read = readers(columns, connection.dialect)
    names = [column.name for column in columns]
    rows = (
        dict(
            zip(
                names,
                (convert(value) for convert, value in zip(read, row, strict=True)),
                strict=True,
            )
        )
        for chunk in in_chunks(connection, table.name, columns, table.key)
        for row in chunk
    )
    _keep(connection, journal, number, table.name, rows)


def _park_values(
    connection: Connection,
    journal: int,
    number: int,
    table: Table,
    column: Column,
    where: str,
    after: Column | None,
) -> None:
    columns = [*(table.columns[name] for name in table.key), column]
    read = readers(columns, connection.dialect)
    rows = (
        {
            "key": [convert(value) for convert, value in zip(read[:-1], row, strict=False)],
            "value": read[-1](row[-1]),
            **({"rounded_to": after.scale} if after else {}),
        }
        for chunk in in_chunks(connection, table.name, columns, table.key, where)
        for row in chunk
    )
    _keep(connection, journal, number, f"{table.name}.{column.name}", rows)


def _keep(
    connection: Connection, journal: int, number: int, origin: str, rows: Iterator[dict[str, Any]]
) -> None:
    identity = next_id(connection, "dougong_parked")
    marks = ", ".join([mark(connection.dialect)] * 5)
    names = 'id, journal, step, origin, "row"'
    text = f'insert into @."dougong_parked" ({names}) values ({marks})'  # noqa: S608 -- constants
    waiting: list[Sequence[Any]] = []
    for row in rows:
        kept = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
        waiting.append((identity, journal, number, origin, kept))
        identity += 1
        if len(waiting) == CHUNK:
            connection.change_many(text, waiting)
            waiting = []
    if waiting:
        connection.change_many(text, waiting)


def restore(connection: Connection, journal: int, step: Restore, before: State) -> int:
    """Put back what the undone change `journal` parked; return how many rows. Rows deleted since
    stay deleted; a value that was only rounded comes back where nobody has changed it since.
    """
    table = before.tables[step.table]
    done = 0
    for parked in _parked(connection, journal, step.parked_by):
        if step.columns:
            _put_values(connection, table, table.columns[step.columns[0]], parked)
        else:
            _put_rows(connection, table, parked)
        done += len(parked)
    return done


def _parked(connection: Connection, journal: int, number: int) -> Iterator[list[dict[str, Any]]]:
    one = mark(connection.dialect)
    text = '"row"::text' if connection.dialect == "postgresql" else '"row"'
    last = 0
    while True:
        rows = connection.run(
            f'select id, {text} from @."dougong_parked" where journal = {one} and step = {one}'  # noqa: S608 -- constants
            f" and id > {one} order by id limit {CHUNK}",
            [journal, number, last],
        )
        if not rows:
            return
        yield [json.loads(row[1]) for row in rows]
        last = rows[-1][0]


def _put_rows(connection: Connection, table: Table, parked: list[dict[str, Any]]) -> None:
    columns = [column for name, column in table.columns.items() if name in parked[0]]
    write = writers(columns, connection.dialect)
    names = ", ".join(quote(column.name) for column in columns)
    marks = ", ".join([mark(connection.dialect)] * len(columns))
    rows = [
        [convert(row.get(column.name)) for convert, column in zip(write, columns, strict=True)]
        for row in parked
    ]
    connection.change_many(f"insert into @.{quote(table.name)} ({names}) values ({marks})", rows)  # noqa: S608 -- our names


def _put_values(
    connection: Connection, table: Table, column: Column, parked: list[dict[str, Any]]
) -> None:
    one = mark(connection.dialect)
    key_columns = [table.columns[name] for name in table.key]
    write_key = writers(key_columns, connection.dialect)
    (write,) = writers([column], connection.dialect)
    conditions = [f"{quote(name)} = {one}" for name in table.key]
    rounded = "rounded_to" in parked[0]
    if rounded:
        conditions.append(f"{quote(column.name)} = {one}")
    rows = []
    for row in parked:
        key = [convert(value) for convert, value in zip(write_key, row["key"], strict=True)]
        kept = [write(_rounded(row["value"], row["rounded_to"]))] if rounded else []
        rows.append([write(row["value"]), *key, *kept])
    connection.change_many(
        f"update @.{quote(table.name)} set {quote(column.name)} = {one}"  # noqa: S608 -- our names
        f" where {' and '.join(conditions)}",
        rows,
    )


def _rounded(value: Any, scale: int) -> Any:
    number = Decimal(value).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)
    return f"{number:f}"

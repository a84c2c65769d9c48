"""The SQL texts of an entity: made once from quoted identifiers, values only as parameters."""

from dataclasses import dataclass
from functools import lru_cache

from dougong.fields.field_type import Dialect
from dougong.fields.types import field_type
from dougong.generated.shape import EntityShape, TableShape, quoted

_ARRAYS = {
    "text": "text", "entity": "text", "boolean": "boolean", "date": "date", "time": "time",
    "datetime": "timestamptz", "link": "bigint", "links": "text", "json": "text",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LinesSql:
    """The statements of one set of lines.

    `insert` takes one row of columns (SQLite: per line, PostgreSQL: one list per column).
    """

    get: str
    insert: str
    delete_all: str
    delete_one: str
    table: TableShape


@dataclass(frozen=True, slots=True)
class EntitySql:
    """The statements of an entity. `get` takes the id; `delete` the id and the version."""

    get: str
    insert: str
    delete: str
    exists: str
    lines: dict[str, LinesSql]
    table: TableShape
    dialect: Dialect

    def update(self, columns: tuple[str, ...]) -> str:
        """Change some columns: their values, then id and version."""
        return _update(self.table.table, columns, self.dialect)

    def update_line(self, lines: str, columns: tuple[str, ...]) -> str:
        """Change some columns of a line: their values, then id and parent."""
        return _update_line(self.lines[lines].table.table, columns, self.dialect)


def mark(dialect: Dialect) -> str:
    """Return the placeholder of a value."""
    return "?" if dialect == "sqlite" else "%s"


def sql_of(shape: EntityShape, dialect: Dialect) -> EntitySql:
    """Write every statement of an entity."""
    table = f"@.{quoted(shape.header.table)}"
    one = mark(dialect)
    names = _names(shape.header)
    places = ", ".join([one] * len(shape.header.columns))
    return EntitySql(
        get=f'SELECT {names} FROM {table} AS t WHERE t."id" = {one}',  # noqa: S608 -- our names
        insert=f"INSERT INTO {table} ({names}) VALUES ({places})",  # noqa: S608 -- our names
        delete=f'DELETE FROM {table} WHERE "id" = {one} AND "version" = {one}',  # noqa: S608 -- our names
        exists=f'SELECT 1 FROM {table} AS t WHERE t."id" = {one}',  # noqa: S608 -- our names
        lines={name: _lines_sql(lines, dialect) for name, lines in shape.lines.items()},
        table=shape.header,
        dialect=dialect,
    )


def _names(table: TableShape) -> str:
    return ", ".join(quoted(column) for column in table.columns)


def _lines_sql(lines: TableShape, dialect: Dialect) -> LinesSql:
    table, one, names = f"@.{quoted(lines.table)}", mark(dialect), _names(lines)
    if dialect == "sqlite":
        insert = f"INSERT INTO {table} ({names}) VALUES ({', '.join([one] * len(lines.columns))})"  # noqa: S608 -- our names
    else:
        insert = f"INSERT INTO {table} ({names}) {unnest(lines)}"
    return LinesSql(
        get=f'SELECT {names} FROM {table} WHERE "parent" = {one} ORDER BY "position", "id"',  # noqa: S608 -- our names
        insert=insert,
        delete_all=f'DELETE FROM {table} WHERE "parent" = {one}',  # noqa: S608 -- our names
        delete_one=f'DELETE FROM {table} WHERE "id" = {one} AND "parent" = {one}',  # noqa: S608 -- our names
        table=lines,
    )


def unnest(table: TableShape) -> str:
    """Return the SELECT that turns one array per column into rows (PostgreSQL)."""
    names = [f"c{at}" for at in range(len(table.columns))]
    kinds = [
        *(_own_kind(name) for name in table.own),
        *(field_type(each.type).kind for each in table.stored),
    ]
    kinds += ["text"] * len(table.sorted)
    casts, picked = [], []
    for name, kind, field in zip(
        names,
        kinds,
        [*[None] * len(table.own), *table.stored, *[None] * len(table.sorted)],
        strict=True,
    ):
        array = _ARRAYS.get(kind) or ("numeric" if field and _is_decimal(field.type) else "bigint")
        casts.append(f"%s::{array}[]")
        cast = {"links": "::bigint[]", "json": "::jsonb"}.get(kind, "")
        picked.append(f"u.{name}{cast}")
    return f"SELECT {', '.join(picked)} FROM unnest({', '.join(casts)}) AS u({', '.join(names)})"  # noqa: S608 -- our names


def _own_kind(name: str) -> str:
    return "datetime" if name in ("created", "changed") else "link"


def _is_decimal(name: str) -> bool:
    return hasattr(field_type(name), "scale")


@lru_cache(maxsize=1024)
def many_rows(sql: str, count: int) -> str:
    """Return an INSERT of one row of placeholders (SQLite) as one of `count` rows.

    One statement of ten rows takes half the time of ten statements.
    """
    head, _, row = sql.rpartition(" VALUES ")
    return f"{head} VALUES {', '.join([row] * count)}"


@lru_cache(maxsize=4096)
def _update(table: str, columns: tuple[str, ...], dialect: Dialect) -> str:
    one = mark(dialect)
    sets = ", ".join(f"{quoted(column)} = {one}" for column in columns)
    return f'UPDATE @.{quoted(table)} SET {sets} WHERE "id" = {one} AND "version" = {one}'  # noqa: S608 -- our names


@lru_cache(maxsize=4096)
def _update_line(table: str, columns: tuple[str, ...], dialect: Dialect) -> str:
    one = mark(dialect)
    sets = ", ".join(f"{quoted(column)} = {one}" for column in columns)
    return f'UPDATE @.{quoted(table)} SET {sets} WHERE "id" = {one} AND "parent" = {one}'  # noqa: S608 -- our names

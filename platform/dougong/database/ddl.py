"""A step as SQL statements of one dialect: pure, so that they can be shown, tested and counted.

Alembic writes the DDL ("offline", into a list); the statements carry `@.` where the schema goes and
are run by the port like any other. SQLite changes what ALTER cannot by rebuilding the table.
"""

import re
from typing import Any, Final

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.types import UserDefinedType

from dougong.database.convert import converted
from dougong.database.steps import (
    AddColumn,
    AddIndex,
    AddKey,
    AnyStep,
    ConvertColumn,
    CreateTable,
    DropColumn,
    DropIndex,
    DropKey,
    DropTable,
    FillColumn,
    HoldLinks,
    LoosenColumn,
    Reindex,
    RenameColumn,
    RenameTable,
    RequireColumn,
    Restore,
    advance,
)
from dougong.database.tables import (
    Column,
    ForeignKey,
    Index,
    State,
    Table,
    key_name,
    quote,
    short_name,
)
from dougong.fields.field_type import Dialect

_SCHEMA: Final = "@"
_NAMED_SCHEMA: Final = re.compile(r'"@"\.')
_ASIDE: Final = "dougong_aside"


class _Written(UserDefinedType[Any]):
    """A column type that is already SQL text."""

    cache_ok = True

    def __init__(self, text: str) -> None:
        self.text = text

    def get_col_spec(self, **_: Any) -> str:
        return self.text


class _Statements(list[str]):
    """Where alembic writes; every write is one statement."""

    def write(self, text: str) -> None:
        statement = text.strip().removesuffix(";")
        if statement:
            self.append(_NAMED_SCHEMA.sub("@.", statement))

    def flush(self) -> None:
        """Nothing is held back."""


def _always(name: str) -> sa.sql.quoted_name:
    return sa.sql.quoted_name(name, quote=True)


class _Writer:
    """Alembic's operations of one dialect, collecting statements."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.schema = _always(_SCHEMA) if dialect == "postgresql" else None
        self.statements = _Statements()
        context = MigrationContext.configure(
            dialect_name=dialect, opts={"as_sql": True, "output_buffer": self.statements}
        )
        self.op = Operations(context)

    def column(self, column: Column, *, key: bool = False) -> sa.Column[Any]:
        default = column.default.get(self.dialect)
        return sa.Column(
            _always(column.name),
            _Written(column.types[self.dialect]),
            nullable=not column.required,
            primary_key=key,
            autoincrement=False,
            server_default=sa.text(default) if default else None,
        )

    def table(self, table: Table, name: str = "") -> None:
        """CREATE TABLE; SQLite takes the foreign keys along, PostgreSQL gets them as steps."""
        parts: list[Any] = [
            self.column(column, key=column.name in table.key) for column in table.columns.values()
        ]
        if self.dialect == "sqlite":
            parts += [self._reference(key) for key in table.foreign.values()]
        self.op.create_table(_always(name or table.name), *parts, schema=self.schema)

    def _reference(self, key: ForeignKey) -> sa.ForeignKeyConstraint:
        target = sa.Table(
            _always(key.target), sa.MetaData(), sa.Column(_always("id"), _Written("INTEGER"))
        )
        return sa.ForeignKeyConstraint(
            [_always(key.column)],
            [target.c.id],
            ondelete="CASCADE" if key.cascade else None,
            deferrable=True,
            initially="IMMEDIATE",
        )

    def index(self, table: Table, index: Index) -> None:
        using = index.using.get(self.dialect)
        if using == "":
            return
        extra: dict[str, Any] = {"postgresql_using": using} if using else {}
        if using == "gin":  # no search ever waits for a list of pending words to be put in
            extra["postgresql_with"] = {"fastupdate": "off"}
        self.op.create_index(
            _always(index.name),
            _always(table.name),
            [_always(name) for name in index.columns],
            unique=index.unique,
            schema=self.schema,
            **extra,
        )

    def key(self, table: Table, key: ForeignKey) -> None:
        """ALTER TABLE ADD CONSTRAINT (PostgreSQL)."""
        self.op.create_foreign_key(
            _always(key_name(table.name, key.column)),
            _always(table.name),
            _always(key.target),
            [_always(key.column)],
            [_always("id")],
            source_schema=self.schema,
            referent_schema=self.schema,
            ondelete="CASCADE" if key.cascade else None,
            deferrable=True,
            initially="IMMEDIATE",
        )

    def sql(self, text: str) -> None:
        """A statement as it stands."""
        self.statements.write(text)


def statements(step: AnyStep, before: State, dialect: Dialect) -> list[str]:
    """Write the step, taken from the state `before`, as statements in order.

    Filling and making sort keys anew are no DDL: nothing for those. Data that a step takes away is
    parked by whoever runs it, before these.
    """
    writer = _Writer(dialect)
    match step:
        case CreateTable():
            _create(writer, step.made)
        case DropTable():
            cascade = " CASCADE" if dialect == "postgresql" else ""
            writer.sql(f"DROP TABLE @.{quote(step.table)}{cascade}")
        case FillColumn() | Reindex() | Restore():
            pass
        case HoldLinks():
            if dialect == "postgresql":
                table = before.tables[step.table]
                for key in table.foreign.values():
                    writer.key(table, key)
        case RenameTable():
            _rename_table(writer, before.tables[step.table], step)
        case RenameColumn():
            _rename_column(writer, before.tables[step.table], step)
        case AddIndex():
            writer.index(before.tables[step.table], step.index)
        case DropIndex():
            if step.index.using.get(dialect) != "":
                writer.op.drop_index(
                    _always(step.index.name), _always(step.table), schema=writer.schema
                )
        case _:
            change = _alter_sqlite if dialect == "sqlite" else _alter_postgres
            change(writer, step, before)
    return list(writer.statements)


def _create(writer: _Writer, table: Table) -> None:
    instead = table.instead.get(writer.dialect)
    if instead:
        writer.sql(instead)
    else:
        writer.table(table)
        for index in table.indexes.values():
            writer.index(table, index)
    for text in table.after.get(writer.dialect, []):
        writer.sql(text)


def _rename_table(writer: _Writer, table: Table, step: RenameTable) -> None:
    new = step.after.name
    if new == table.name:
        return
    writer.op.rename_table(_always(table.name), _always(new), schema=writer.schema)
    if writer.dialect == "postgresql":
        for column in table.foreign:
            _rename_key(writer, new, key_name(table.name, column), key_name(new, column))


def _rename_column(writer: _Writer, table: Table, step: RenameColumn) -> None:
    writer.sql(
        f"ALTER TABLE @.{quote(table.name)} RENAME COLUMN {quote(step.before)} TO {quote(step.after)}"
    )
    if writer.dialect == "postgresql" and step.before in table.foreign:
        old, new = key_name(table.name, step.before), key_name(table.name, step.after)
        _rename_key(writer, table.name, old, new)


def _rename_key(writer: _Writer, table: str, old: str, new: str) -> None:
    writer.sql(f"ALTER TABLE @.{quote(table)} RENAME CONSTRAINT {quote(old)} TO {quote(new)}")


def _alter_postgres(writer: _Writer, step: AnyStep, before: State) -> None:
    table = before.tables[step.table]
    name = _always(table.name)
    match step:
        case AddColumn():
            writer.op.add_column(name, writer.column(step.column), schema=writer.schema)
            if step.key:
                writer.key(table, step.key)
        case ConvertColumn():
            writer.sql(
                f"ALTER TABLE @.{quote(table.name)} ALTER COLUMN {quote(step.before.name)}"
                f" TYPE {step.after.types['postgresql']}"
                f" USING {converted(step.before, step.after, 'postgresql')}"
            )
        case RequireColumn() | LoosenColumn():
            writer.op.alter_column(
                name,
                _always(step.column),
                nullable=isinstance(step, LoosenColumn),
                schema=writer.schema,
            )
        case DropColumn():
            writer.op.drop_column(name, _always(step.column.name), schema=writer.schema)
        case AddKey():
            writer.key(table, step.key)
        case DropKey():
            writer.op.drop_constraint(
                _always(key_name(table.name, step.key.column)), name, schema=writer.schema
            )
        case _:
            raise TypeError(f"{step!r} alters no table")


def _alter_sqlite(writer: _Writer, step: AnyStep, before: State) -> None:
    table = before.tables[step.table]
    match step:
        case AddColumn() if not step.column.required:
            _add_sqlite(writer, table, step)
        case DropColumn() if not step.key:
            writer.sql(f"ALTER TABLE {quote(table.name)} DROP COLUMN {quote(step.column.name)}")
        case ConvertColumn() if step.before.types["sqlite"] == step.after.types["sqlite"]:
            new = converted(step.before, step.after, "sqlite")
            column = quote(step.before.name)
            if new != column:
                text = f"UPDATE {quote(table.name)} SET {column} = {new}"  # noqa: S608 -- our names
                writer.sql(text)
        case _:
            _rebuild(writer, step, before)


def _add_sqlite(writer: _Writer, table: Table, step: AddColumn) -> None:
    column = step.column
    default = column.default.get("sqlite")
    parts = [quote(column.name), column.types["sqlite"]]
    if default:
        parts.append(f"DEFAULT {default}")
    if step.key:
        parts.append(f'REFERENCES {quote(step.key.target)} ("id")')
        parts.append("ON DELETE CASCADE" if step.key.cascade else "")
        parts.append("DEFERRABLE INITIALLY IMMEDIATE")
    writer.sql(f"ALTER TABLE {quote(table.name)} ADD COLUMN {' '.join(filter(None, parts))}")


def _rebuild(writer: _Writer, step: AnyStep, before: State) -> None:
    """Make the table anew beside itself, copy, put it in place (SQLite's own recipe).

    Runs with foreign keys off; whoever runs it checks them before the commit.
    """
    old = before.tables[step.table]
    new = advance(before, step).tables[step.table]
    aside = short_name(f"{_ASIDE}_{new.name}")
    writer.table(new, aside)
    values = {name: quote(name) for name in new.columns if name in old.columns}
    if isinstance(step, ConvertColumn):
        values[step.after.name] = converted(step.before, step.after, "sqlite")
    names = ", ".join(quote(name) for name in values)
    chosen = ", ".join(values.values())
    writer.sql(
        f"INSERT INTO {quote(aside)} ({names}) SELECT {chosen} FROM {quote(old.name)}"  # noqa: S608 -- our names
    )
    writer.op.drop_table(_always(old.name))
    writer.op.rename_table(_always(aside), _always(new.name))
    for index in new.indexes.values():
        writer.index(new, index)

"""The steps of a plan: one small value for every change of a table, and what it makes of a state."""

from collections.abc import Iterable
from typing import Any, Literal

import msgspec
from msgspec import structs

from dougong.database.tables import Column, ForeignKey, Index, State, Table

Level = Literal["safe", "back-fill", "destructive"]


class Step(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, tag_field="step"):
    """A change of one table. `level` says what it does to data, `rows` how many rows it touches."""

    table: str
    level: Level = "safe"
    rows: int = 0


class CreateTable(Step, frozen=True, omit_defaults=True, kw_only=True, tag="create_table"):
    """Create the table with its columns and indexes; its foreign keys follow as steps."""

    made: Table


class DropTable(Step, frozen=True, omit_defaults=True, kw_only=True, tag="drop_table"):
    """Park the rows and drop the table."""

    gone: Table


class RenameTable(Step, frozen=True, omit_defaults=True, kw_only=True, tag="rename_table"):
    """Give the table its new name and what it holds its new id; references to the old one follow."""

    before: Table
    after: Table


class AddColumn(Step, frozen=True, omit_defaults=True, kw_only=True, tag="add_column"):
    """Add a column; empty in the rows that exist. `key` is its foreign key, if it is a link."""

    column: Column
    key: ForeignKey | None = None


class RenameColumn(Step, frozen=True, omit_defaults=True, kw_only=True, tag="rename_column"):
    """Give the column its new name; the data stays."""

    before: str
    after: str
    label: dict[str, str] = {}


class ConvertColumn(Step, frozen=True, omit_defaults=True, kw_only=True, tag="convert_column"):
    """Change a column's type with its values; `lossy` when some values cannot be kept exactly."""

    before: Column
    after: Column
    lossy: bool = False


class FillColumn(Step, frozen=True, omit_defaults=True, kw_only=True, tag="fill_column"):
    """Give empty cells a value: by SQL where `sql` says it, else by the caller's `compute`."""

    column: str
    formula: str
    sql: dict[str, tuple[str, list[Any]]] = {}
    label: dict[str, str] = {}


class RequireColumn(Step, frozen=True, omit_defaults=True, kw_only=True, tag="require_column"):
    """No longer allow empty cells."""

    column: str
    label: dict[str, str] = {}


class LoosenColumn(Step, frozen=True, omit_defaults=True, kw_only=True, tag="loosen_column"):
    """Allow empty cells again."""

    column: str
    label: dict[str, str] = {}


class DropColumn(Step, frozen=True, omit_defaults=True, kw_only=True, tag="drop_column"):
    """Park the values and drop the column."""

    column: Column
    key: ForeignKey | None = None


class AddIndex(Step, frozen=True, omit_defaults=True, kw_only=True, tag="add_index"):
    """Add an index; a unique one is refused by rows that are alike."""

    index: Index


class DropIndex(Step, frozen=True, omit_defaults=True, kw_only=True, tag="drop_index"):
    """Drop an index."""

    index: Index


class AddKey(Step, frozen=True, omit_defaults=True, kw_only=True, tag="add_key"):
    """Make the database hold a link to its target."""

    key: ForeignKey


class DropKey(Step, frozen=True, omit_defaults=True, kw_only=True, tag="drop_key"):
    """Let go of a link's target."""

    key: ForeignKey


class HoldLinks(Step, frozen=True, omit_defaults=True, kw_only=True, tag="hold_links"):
    """Let PostgreSQL hold the links of a table that was just created: their targets stand by now."""


class Restore(Step, frozen=True, omit_defaults=True, kw_only=True, tag="restore"):
    """Put back what step `parked_by` of the undone change had parked."""

    parked_by: int
    columns: tuple[str, ...] = ()


class Reindex(Step, frozen=True, omit_defaults=True, kw_only=True, tag="reindex"):
    """Make sort keys (`columns`, the new ones) and search words (of the paths `search`) of the
    table's rows anew; the work is the caller's.
    """

    columns: tuple[str, ...] = ()
    search: tuple[str, ...] = ()


AnyStep = (
    CreateTable | DropTable | RenameTable | AddColumn | RenameColumn | ConvertColumn | FillColumn
    | RequireColumn | LoosenColumn | DropColumn | AddIndex | DropIndex | AddKey | DropKey | Reindex
    | HoldLinks | Restore
)  # fmt: skip


def advance(state: State, step: AnyStep) -> State:
    """Return the state after the step; the fold of a plan over its old state is its new state."""
    match step:
        case CreateTable():
            return state.with_table(step.made)
        case DropTable():
            return state.without_table(step.table)
        case RenameTable():
            return _renamed(state, step)
        case FillColumn() | HoldLinks() | Restore():
            return state
        case Reindex():
            table = structs.replace(state.tables[step.table], search=step.search)
            return state.with_table(table)
        case _:
            return state.with_table(_changed(state.tables[step.table], step))


def _renamed(state: State, step: RenameTable) -> State:
    """Rename a table; foreign keys that point to it follow, as the databases do by themselves."""
    old, new = step.before.name, step.after.name
    moved = structs.replace(
        state.tables[old],
        name=new, entity=step.after.entity, lines=step.after.lines, label=step.after.label,
        module=step.after.module, renamed=step.after.renamed,
    )  # fmt: skip
    tables: dict[str, Table] = {}
    for table in (*state.without_table(old).tables.values(), moved):
        foreign = {
            key: structs.replace(link, target=new) if link.target == old else link
            for key, link in table.foreign.items()
        }
        tables[table.name] = structs.replace(table, foreign=foreign)
    return structs.replace(state, tables=tables)


def _changed(table: Table, step: AnyStep) -> Table:
    columns, indexes, foreign = dict(table.columns), dict(table.indexes), dict(table.foreign)
    match step:
        case AddColumn():
            columns[step.column.name] = step.column
            if step.key:
                foreign[step.key.column] = step.key
        case RenameColumn():
            return _column_renamed(table, step.before, step.after)
        case ConvertColumn():
            columns[step.after.name] = structs.replace(
                step.after, required=columns[step.before.name].required
            )
        case RequireColumn() | LoosenColumn():
            columns[step.column] = structs.replace(
                columns[step.column], required=isinstance(step, RequireColumn)
            )
        case DropColumn():
            del columns[step.column.name]
            foreign.pop(step.column.name, None)
        case AddIndex():
            indexes[step.index.name] = step.index
        case DropIndex():
            del indexes[step.index.name]
        case AddKey():
            foreign[step.key.column] = step.key
        case DropKey():
            del foreign[step.key.column]
        case _:
            raise TypeError(f"{step!r} changes no table by itself")
    return structs.replace(table, columns=columns, indexes=indexes, foreign=foreign)


def _column_renamed(table: Table, old: str, new: str) -> Table:
    """Rename a column in place; indexes and keys over it follow."""
    columns = {
        new if name == old else name: structs.replace(column, name=new) if name == old else column
        for name, column in table.columns.items()
    }
    indexes = {
        name: structs.replace(
            index, columns=tuple(new if column == old else column for column in index.columns)
        )
        for name, index in table.indexes.items()
    }
    foreign = {
        new if name == old else name: structs.replace(key, column=new) if name == old else key
        for name, key in table.foreign.items()
    }
    return structs.replace(table, columns=columns, indexes=indexes, foreign=foreign)


def walk(state: State, steps: Iterable[AnyStep]) -> State:
    """Take all the steps."""
    for step in steps:
        state = advance(state, step)
    return state

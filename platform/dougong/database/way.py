"""The way between two states, step by step: what is written when, and why not."""

from collections.abc import Mapping
from typing import Any

from msgspec import structs

from dougong.database.convert import convertible
from dougong.database.counts import Counts
from dougong.database.match import SORT, Matched, columns_by_old, same_shape
from dougong.database.problems import DANGLING, NOT_UNIQUE, OVERFLOW, REQUIRED_EMPTY, TYPE_CHANGE
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
from dougong.database.tables import Column, State, Table, named
from dougong.foundation.errors import Place, Problem, ProblemKind


class Way:
    """Writes the steps in an order that always works.

    `back` is given when a change is undone: for a table (column "") or a column of the new state, the
    number of the step that parked what was in it.

    Names first (tables, columns), then what loosens (indexes, keys, empty cells), new tables, types,
    new columns and their values, then what tightens, and last what goes.
    """

    def __init__(
        self,
        old: State,
        new: State,
        matched: Matched,
        counts: Counts,
        back: Mapping[tuple[str, str], int] | None,
    ) -> None:
        self._new = new
        self._old = old
        self._matched = matched
        self._counts = counts
        self._back = back
        self._state = old
        self._steps: list[AnyStep] = []
        self._fills: dict[tuple[str, str], FillColumn] = {}
        self._reads: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {}

    def steps(self) -> tuple[AnyStep, ...]:
        """Write them all; reasons against it are added to the problems of the match."""
        self._rename_tables()
        kept = [
            (self._old.tables[old], self._new.tables[new])
            for new, old in self._matched.tables.items()
        ]
        for before, after in kept:
            self._loosen(before, after)
        self._create_tables()
        for before, after in kept:
            self._convert(before, after)
            self._add_columns(before, after)
        for before, after in kept:
            self._demand_values(before, after)
        self._take_fills()
        for before, after in kept:
            self._tighten(before, after)
        self._drop(kept)
        if not self._matched.problems and self._state.hash != self._new.hash:
            raise RuntimeError("the steps of the plan do not lead to the declared state")
        return tuple(self._steps)

    def _take(self, step: AnyStep) -> None:
        self._steps.append(step)
        self._state = advance(self._state, step)

    def _refuse(self, kind: ProblemKind, table: Table, name: str, **values: Any) -> None:
        path = ".".join(filter(None, (table.entity or table.name, table.lines, name)))
        column = table.columns.get(name)
        label = named(column.label if column else table.label, path)
        self._matched.problems.append(
            Problem(kind, Place(path=path), {"what": label, "name": path, **values})
        )

    def _now(self, after: Table) -> Table:
        """The table of the state so far that becomes `after`."""
        return self._state.tables[after.name]

    # ------------------------------------------------------------ names

    def _rename_tables(self) -> None:
        """A new name is never one in use: what has the same name is the same."""
        for new, old in self._matched.tables.items():
            before, goal = self._state.tables[old], self._new.tables[new]
            was = (before.name, before.entity, before.lines)
            if was != (goal.name, goal.entity, goal.lines):
                self._take(RenameTable(table=old, before=_bare(before), after=_bare(goal)))

    def _loosen(self, before: Table, after: Table) -> None:
        """Drop indexes and keys that are no more, then give columns their new names."""
        columns = self._matched.columns[after.name]
        by_old = columns_by_old(columns)
        for index in list(self._now(after).indexes.values()):
            moved = tuple(by_old.get(name, "") for name in index.columns)
            goal = after.indexes.get(index.name)
            if goal is None or structs.replace(index, columns=moved) != goal:
                self._take(DropIndex(table=after.name, index=index))
        for column, key in list(self._now(after).foreign.items()):
            goal_key = after.foreign.get(by_old.get(column, ""))
            stays = goal_key and (goal_key.target, goal_key.cascade) == (key.target, key.cascade)
            if not stays and column in by_old:
                self._take(DropKey(table=after.name, key=key))
        for new, old in columns.items():
            if new != old:
                label = after.columns[new].label
                self._take(RenameColumn(table=after.name, before=old, after=new, label=label))
        for name, goal_column in after.columns.items():
            if name in columns and self._now(after).columns[name].required > goal_column.required:
                self._take(LoosenColumn(table=after.name, column=name, label=goal_column.label))

    def _create_tables(self) -> None:
        made = [
            table for name, table in self._new.tables.items() if name not in self._matched.tables
        ]
        for table in made:
            self._take(CreateTable(table=table.name, made=_plain(table)))
            self._restore(table.name, "")
        for table in made:
            if table.foreign:
                self._take(HoldLinks(table=table.name))

    # ------------------------------------------------------------ columns

    def _convert(self, before: Table, after: Table) -> None:
        for name, old in self._matched.columns[after.name].items():
            was, goal = before.columns[old], after.columns[name]
            if same_shape(was, goal):
                continue
            if not convertible(was, goal) and self._back is not None:
                self._exchange(before, after, old, goal)
                continue
            if not convertible(was, goal):
                self._refuse(TYPE_CHANGE, after, name, old=was.kind, new=goal.kind)
                continue
            filled = self._counts.filled(before.name, old)
            misfits = self._counts.misfits(before.name, was, goal) if filled else 0
            if misfits and goal.scale > was.scale:
                self._refuse(OVERFLOW, after, name, scale=goal.scale, rows=misfits)
                continue
            current = self._now(after).columns[name]
            self._take(
                ConvertColumn(
                    table=after.name,
                    before=current,
                    after=_empty(goal, required=current.required),
                    lossy=misfits > 0,
                    level="destructive" if misfits else "back-fill" if filled else "safe",
                    rows=misfits or filled,
                )
            )
            self._restore(after.name, name)

    def _exchange(self, before: Table, after: Table, old: str, goal: Column) -> None:
        """Undo a change of type that does not lead back: away with the column, in with the old one."""
        now = self._now(after)
        filled = self._counts.filled(before.name, old)
        for index in now.indexes.values():
            if goal.name in index.columns:
                self._take(DropIndex(table=after.name, index=index))
        self._take(
            DropColumn(
                table=after.name,
                column=now.columns[goal.name],
                key=now.foreign.get(goal.name),
                level="destructive" if filled else "safe",
                rows=filled,
            )
        )
        self._take(
            AddColumn(table=after.name, column=_empty(goal), key=after.foreign.get(goal.name))
        )
        self._restore(after.name, goal.name)

    def _add_columns(self, before: Table, after: Table) -> None:
        known = self._matched.columns[after.name]
        rows = self._counts.rows(before.name)
        words: list[str] = []
        for name, column in after.columns.items():
            if name in known:
                continue
            key = after.foreign.get(name)
            self._take(AddColumn(table=after.name, column=_empty(column), key=key))
            if column.kind == SORT:
                words.append(name)
            elif self._back is not None:
                self._restore(after.name, name)
            elif rows and column.fill:
                self._fill(after, column, rows)
        if words or self._now(after).search != after.search:
            self._take(
                Reindex(
                    table=after.name,
                    columns=tuple(words),
                    search=after.search,
                    level="back-fill" if rows else "safe",
                    rows=rows,
                )
            )

    def _restore(self, table: str, column: str) -> None:
        step = (self._back or {}).get((table, column))
        if step is not None:
            columns = (column,) if column else ()
            self._take(Restore(table=table, parked_by=step, columns=columns, level="back-fill"))

    def _fill(self, table: Table, column: Column, rows: int) -> None:
        """Note that the column is to be filled; in which order is settled when all are known."""
        self._reads[table.name, column.name] = column.reads
        self._fills[table.name, column.name] = FillColumn(
            table=table.name,
            column=column.name,
            formula=column.fill,
            sql=column.filler,
            label=column.label,
            level="back-fill",
            rows=rows,
        )

    def _take_fills(self) -> None:
        """Fill what others read before those that read it."""
        waiting = dict(self._fills)
        while waiting:
            ready = [
                key
                for key in waiting
                if not any(one in waiting for one in self._reads[key] if one != key)
            ]
            for key in ready or list(waiting):
                self._take(waiting.pop(key))

    def _demand_values(self, before: Table, after: Table) -> None:
        """Fill or refuse the empty cells of columns that become required."""
        if self._back is not None:
            return
        rows = self._counts.rows(before.name)
        for name, column in after.columns.items():
            if not rows or not column.required or self._now(after).columns[name].required:
                continue
            old = self._matched.columns[after.name].get(name, "")
            empty = rows - self._counts.filled(before.name, old) if old else rows
            if empty and not column.fill:
                self._refuse(REQUIRED_EMPTY, after, name, rows=empty)
            elif empty:
                self._fill(after, column, empty)

    # ------------------------------------------------------------ what must hold

    def _tighten(self, before: Table, after: Table) -> None:
        known = self._matched.columns[after.name]
        rows = self._counts.rows(before.name)
        for name, column in after.columns.items():
            if column.required and not self._now(after).columns[name].required:
                self._take(
                    RequireColumn(table=after.name, column=name, label=column.label, rows=rows)
                )
        for name, key in after.foreign.items():
            if name not in self._now(after).foreign:
                dangling = self._dangling(before, known.get(name, ""), key.target)
                if dangling:
                    self._refuse(DANGLING, after, name, target=key.target, rows=dangling)
                self._take(AddKey(table=after.name, key=key))
        for name, index in after.indexes.items():
            if name in self._now(after).indexes:
                continue
            was = tuple(known.get(column, "") for column in index.columns)
            if index.unique and rows and all(was):
                alike = self._counts.alike(before.name, was)
                if alike:
                    columns = ", ".join(index.columns)
                    self._refuse(NOT_UNIQUE, after, "", rows=alike, columns=columns)
            self._take(AddIndex(table=after.name, index=index, rows=rows))

    def _dangling(self, before: Table, column: str, target: str) -> int:
        """Rows that point to nothing; asked only where the target's table was there before."""
        old = self._matched.tables.get(target, "")
        if not column or before.columns[column].kind not in ("link", "integer"):
            return 0
        if not old:
            return self._counts.filled(before.name, column)
        return self._counts.dangling(before.name, column, old)

    # ------------------------------------------------------------ what goes

    def _drop(self, kept: list[tuple[Table, Table]]) -> None:
        for before, after in kept:
            for table, name in self._matched.gone_columns:
                if table != before.name:
                    continue
                now = self._now(after)
                column = now.columns[name]
                filled = 0 if column.kind == SORT else self._counts.filled(before.name, name)
                self._take(
                    DropColumn(
                        table=after.name,
                        column=column,
                        key=now.foreign.get(name),
                        level="destructive" if filled else "safe",
                        rows=filled,
                    )
                )
        for name in sorted(
            self._matched.gone_tables, key=lambda one: not self._old.tables[one].lines
        ):
            rows = self._counts.rows(name)
            self._take(
                DropTable(
                    table=name,
                    gone=self._state.tables[name],
                    level="destructive" if rows else "safe",
                    rows=rows,
                )
            )


def _bare(table: Table) -> Table:
    """A table's name and what it holds, without columns."""
    return structs.replace(table, columns={}, indexes={}, foreign={}, instead={}, after={})


def _empty(column: Column, *, required: bool = False) -> Column:
    """The column as it is added: nothing required, nothing to fill it with."""
    return structs.replace(column, required=required, fill="", filler={}, reads=())


def _plain(table: Table) -> Table:
    """The table without fillers: a new table has no rows to fill."""
    columns = {name: _empty(one, required=one.required) for name, one in table.columns.items()}
    return structs.replace(table, columns=columns)

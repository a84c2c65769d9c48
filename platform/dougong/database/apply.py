"""Apply: carries a plan out, exactly that plan, in one transaction; and takes the last one back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

import msgspec

from dougong.database.alone import alone
from dougong.database.convert import convertible
from dougong.database.ddl import statements
from dougong.database.lock import Lock, next_id, read_lock, source_changes, write_lock
from dougong.database.match import Matched, columns_by_old, match_states
from dougong.database.measure import Measured
from dougong.database.park import park, restore
from dougong.database.plan import Plan, follow, plan
from dougong.database.port import Conflict, Connection
from dougong.database.problems import (
    DANGLING,
    MOVED,
    NO_CONSENT,
    NOT_UNIQUE,
    NOTHING_TO_UNDO,
    REQUIRED_EMPTY,
)
from dougong.database.references import follow_rename
from dougong.database.rows import mark, stored_instant
from dougong.database.steps import (
    AnyStep,
    ConvertColumn,
    DropColumn,
    DropTable,
    FillColumn,
    Reindex,
    RenameColumn,
    RenameTable,
    Restore,
    advance,
)
from dougong.database.system import BLOCK
from dougong.database.tables import State, Table, named, quote
from dougong.foundation.errors import Place, Problem, Refused, refuse


@dataclass(frozen=True, slots=True)
class By:
    """Who changes the tables, why and when (an aware time)."""

    now: datetime
    user: int = 0
    login: str = ""
    why: str = ""


class Tasks(Protocol):
    """Work on rows that this room can't do, handed in by the caller; all in the same transaction."""

    def compute(self, connection: Connection, table: Table, column: str) -> None:
        """Give the empty cells of a column the value of its formula."""
        ...

    def reindex(self, connection: Connection, table: Table, columns: Sequence[str]) -> None:
        """Make the sort keys `columns` and the search words of the table's rows anew."""
        ...


class _NoTasks:
    """For changes that need none of it."""

    def compute(self, connection: Connection, table: Table, column: str) -> None:
        """Raises LookupError: nobody was named who could."""
        raise LookupError(f"{table.name}.{column} is to be computed, and nobody was named to do it")

    def reindex(self, connection: Connection, table: Table, columns: Sequence[str]) -> None:
        """Raises LookupError: nobody was named who could."""
        raise LookupError(f"{table.name} is to be indexed anew, and nobody was named to do it")


NO_TASKS: Final = _NoTasks()


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of it; nothing was written where `changed` is False."""

    changed: bool
    lock: int
    journal: int = 0


def current(connection: Connection) -> Lock:
    """Read what the tenant stands on, in a transaction of its own."""
    connection.begin(write=False)
    try:
        return read_lock(connection)
    finally:
        connection.rollback()


def plan_for(connection: Connection, new: State) -> Plan:
    """Plan the way from what the tenant stands on to `new`, with the real row counts.

    Raises Refused as `plan.plan` does.
    """
    connection.begin(write=False)
    try:
        return plan(read_lock(connection).state, new, counts=Measured(connection))
    finally:
        connection.rollback()


def apply(
    connection: Connection,
    made: Plan,
    new: Lock,
    *,
    by: By,
    tasks: Tasks = NO_TASKS,
    consent: bool = False,
    then: Callable[[Connection], None] | None = None,
) -> Applied:
    """Carry out `made`, which leads to the state of `new` (its id is given here).

    `then` is done last in the same transaction (data that comes along).

    The same plan again changes nothing. Raises Refused when the plan was altered or the database
    has moved since, when it takes data away without `consent`, or when rows stand in the way;
    Busy when others hold the tables. Whatever happens, the old state or the new one stands.
    """
    if not consent and made.destructive:
        rows = sum(step.rows for step in made.destructive)
        raise refuse(NO_CONSENT, steps=len(made.destructive), rows=rows)
    stands = _stands(connection, made, new)
    if stands is not None:
        return stands
    with alone(connection):
        old = read_lock(connection)
        if _is_new(old, made, new):
            return Applied(changed=False, lock=old.id)
        if not made.is_whole or old.state.hash != made.old or new.state.hash != made.new:
            raise refuse(MOVED)
        applied = _carry_out(connection, made, old, new, by=by, tasks=tasks, act="apply")
        if then is not None:
            then(connection)
        return applied


def rollback_last(
    connection: Connection,
    *,
    by: By,
    tasks: Tasks = NO_TASKS,
    consent: bool = False,
    then: Callable[[Connection], None] | None = None,
) -> Applied:
    """Take back the last apply: its steps in reverse, and what they had parked put back.

    `then` is done last in the same transaction.

    What the undone change had added is parked in turn, which needs `consent` where it holds data.
    Raises Refused when there is nothing to take back or rows stand in the way.
    """
    with alone(connection):
        now = read_lock(connection)
        journal, before, undone = _last_apply(connection, now)
        made = _way_back(connection, now.state, before.state, undone)
        if made.destructive and not consent:
            rows = sum(step.rows for step in made.destructive)
            raise refuse(NO_CONSENT, steps=len(made.destructive), rows=rows)
        one = mark(connection.dialect)
        connection.change(
            f'update @."dougong_journal" set undone = {_true(connection)} where id = {one}',  # noqa: S608 -- constants
            [journal],
        )
        applied = _carry_out(
            connection, made, now, before, by=by, tasks=tasks, act="rollback", undone=journal
        )
        if then is not None:
            then(connection)
        return applied


# ---------------------------------------------------------------- step by step


def _stands(connection: Connection, made: Plan, new: Lock) -> Applied | None:
    """Tell that there is nothing to do, having read one row and kept nobody waiting."""
    connection.begin(write=False)
    try:
        old = read_lock(connection)
    finally:
        connection.rollback()
    return Applied(changed=False, lock=old.id) if _is_new(old, made, new) else None


def _is_new(old: Lock, made: Plan, new: Lock) -> bool:
    """Tell whether the lock that stands is the one the plan leads to."""
    return old.state.hash == made.new == new.state.hash and old.fingerprint == new.fingerprint


def _carry_out(
    connection: Connection,
    made: Plan,
    old: Lock,
    new: Lock,
    *,
    by: By,
    tasks: Tasks,
    act: str,
    undone: int = 0,
) -> Applied:
    state = old.state
    journal = next_id(connection, "dougong_journal") if old.id else 1
    for number, step in enumerate(made.steps):
        state = _take(connection, step, state, tasks, journal=journal, number=number, undone=undone)
    if state.hash != made.new:
        raise RuntimeError("the steps of the plan did not lead to the state it names")
    if not old.id:
        _first_rows(connection)
    lock = write_lock(connection, new, by.now)
    _write_journal(connection, journal, made, old, new, by=by, act=act, lock=lock)
    connection.change("update @.\"dougong_stamp\" set value = value + 1 where name = 'catalog'")
    return Applied(changed=True, lock=lock, journal=journal)


def _take(
    connection: Connection,
    step: AnyStep,
    state: State,
    tasks: Tasks,
    *,
    journal: int,
    number: int,
    undone: int,
) -> State:
    """Take one step and return the state after it."""
    try:
        park(connection, journal, number, step, state)
        for text in statements(step, state, connection.dialect):
            connection.change(text.replace("%", "%%") if connection.schema else text)
        match step:
            case FillColumn():
                _fill(connection, step, state, tasks)
            case Restore():
                restore(connection, undone, step, state)
            case Reindex() if connection.run(f"select 1 from @.{quote(step.table)} limit 1"):  # noqa: S608 -- our names
                tasks.reindex(connection, state.tables[step.table], step.columns)
            case RenameTable() | RenameColumn():
                follow_rename(connection, step, advance(state, step))
            case _:
                pass
    except Conflict as conflict:
        raise Refused([_in_the_way(conflict, step, state)]) from conflict
    return advance(state, step)


def _fill(connection: Connection, step: FillColumn, state: State, tasks: Tasks) -> None:
    said = step.sql.get(connection.dialect)
    if said is None:
        tasks.compute(connection, state.tables[step.table], step.column)
        return
    text, params = said
    column = quote(step.column)
    connection.change(
        f"update @.{quote(step.table)} as t set {column} = {text} where t.{column} is null",  # noqa: S608 -- compiled
        params,
    )


def _in_the_way(conflict: Conflict, step: AnyStep, state: State) -> Problem:
    """Say which rows refuse the step, as the planner would have."""
    table = state.tables.get(step.table)
    name = f"{table.entity or table.name if table else step.table}"
    columns = ", ".join(conflict.columns)
    values = {"name": name, "what": named({}, name), "columns": columns, "rows": "?", "target": "?"}
    kinds = {"unique": NOT_UNIQUE, "required": REQUIRED_EMPTY}
    return Problem(kinds.get(conflict.kind, DANGLING), Place(path=name), values)


# ---------------------------------------------------------------- what is written down


def _first_rows(connection: Connection) -> None:
    """The rows a new tenant begins with: both stamps, and on SQLite the next free id."""
    for name in ("catalog", "security"):
        connection.change(f"insert into @.\"dougong_stamp\" values ('{name}', 1)")  # noqa: S608 -- constants
    if connection.dialect == "sqlite":
        connection.change(f"insert into @.\"dougong_counter\" values ('id', '', {BLOCK})")  # noqa: S608 -- constants


def _true(connection: Connection) -> str:
    return "true" if connection.dialect == "postgresql" else "1"


def _write_journal(
    connection: Connection,
    journal: int,
    made: Plan,
    old: Lock,
    new: Lock,
    *,
    by: By,
    act: str,
    lock: int,
) -> None:
    row: dict[str, Any] = {
        "id": journal,
        "at": stored_instant(by.now, connection.dialect),
        "user": by.user,
        "login": by.login,
        "why": by.why,
        "act": act,
        "plan": msgspec.json.encode(made).decode(),
        "diff": msgspec.json.encode(source_changes(old.sources, new.sources)).decode(),
        "before": old.id or None,
        "lock": lock,
        "undone": False if connection.schema else 0,
    }
    names = ", ".join(quote(name) for name in row)
    marks = ", ".join([mark(connection.dialect)] * len(row))
    connection.change(
        f'insert into @."dougong_journal" ({names}) values ({marks})',  # noqa: S608 -- our names
        list(row.values()),
    )


# ---------------------------------------------------------------- the way back


def _last_apply(connection: Connection, now: Lock) -> tuple[int, Lock, Plan]:
    """Find the newest apply that still stands: its journal number, the lock before it, its plan."""
    text = "plan::text" if connection.dialect == "postgresql" else "plan"
    found = (
        connection.run(
            f'select id, before, {text} from @."dougong_journal"'  # noqa: S608 -- constants
            f" where act = 'apply' and not undone order by id desc limit 1"
        )
        if now.id
        else []
    )
    if not found or found[0][1] is None:
        raise refuse(NOTHING_TO_UNDO)
    journal, before, said = found[0]
    undone = msgspec.json.decode(said, type=Plan)
    if undone.new != now.state.hash:
        raise refuse(MOVED)
    return journal, read_lock(connection, before), undone


def _way_back(connection: Connection, now: State, before: State, undone: Plan) -> Plan:
    """Plan from `now` back to `before`: what the undone plan matched, the other way round."""
    forth = match_states(before, now)
    tables = columns_by_old(forth.tables)
    columns = {old: columns_by_old(forth.columns[new]) for old, new in tables.items()}
    back = Matched(
        tables=tables,
        columns=columns,
        gone_tables=[name for name in now.tables if name not in forth.tables],
        gone_columns=[
            (new, name)
            for new, known in forth.columns.items()
            for name in now.tables[new].columns
            if name not in known
        ],
    )
    return follow(now, before, back, Measured(connection), _parked_steps(undone, forth))


def _parked_steps(undone: Plan, forth: Matched) -> dict[tuple[str, str], int]:
    """Which step parked what, by the names of the state that is to come back."""
    parked: dict[tuple[str, str], int] = {}
    for number, step in enumerate(undone.steps):
        match step:
            case DropTable(rows=rows) if rows:
                parked[step.table, ""] = number
            case DropColumn(rows=rows) if rows:
                parked[forth.tables[step.table], step.column.name] = number
            case ConvertColumn() if step.lossy or not convertible(step.after, step.before):
                old = forth.columns[step.table][step.after.name]
                parked[forth.tables[step.table], old] = number
            case _:
                pass
    return parked

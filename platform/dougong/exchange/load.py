"""Takes prepared rows through the gate as one batch that can be undone later."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import msgspec

from dougong.catalog.process import ImportMapping
from dougong.exchange import problems
from dougong.exchange.prepare import Prepared, Row
from dougong.exchange.statements import ADD_BATCH, COUNT_BATCH, READ_BATCH, for_dialect
from dougong.fields.dates import instant_text
from dougong.foundation.errors import Problem, Refused, refuse
from dougong.records import store
from dougong.records.work import Work, open_work

AT_ONCE = 500
MOST_PROBLEMS = 1_000


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong in row `number` of the file; 0 when it belongs to no row."""

    number: int
    problem: Problem


@dataclass(slots=True)
class Outcome:
    """What an import did. `problems` are at most the first 1,000; `refused` counts every row that
    was left out.
    """

    batch: int = 0
    created: int = 0
    changed: int = 0
    same: int = 0
    refused: int = 0
    problems: list[RowProblem] = field(default_factory=list)

    def add(self, more: "Outcome") -> None:
        """Count the rows of another part of the same batch."""
        self.created += more.created
        self.changed += more.changed
        self.same += more.same
        self.refused += more.refused
        self.problems += more.problems[: MOST_PROBLEMS - len(self.problems)]

    def refuse(self, number: int, found: Sequence[Problem]) -> None:
        """Leave a row out and tell why."""
        self.refused += 1
        room = MOST_PROBLEMS - len(self.problems)
        self.problems += [RowProblem(number, problem) for problem in found[:room]]


def trace_of(batch: int) -> str:
    """Return the mark that the trail keeps for everything an import changed."""
    return f"import:{batch}"


def load(
    work: Work, prepared: Prepared, mapping: ImportMapping, file: str, *, batch: int = 0
) -> Outcome:
    """Create and change all records by business key, or none.

    Raises Refused with every problem of every row; the caller's transaction must not be committed
    then. `extra["outcome"]` of it tells the rows.
    """
    batch = batch or work.new_id()
    outcome = Outcome(batch=batch)
    for at in range(0, len(prepared.rows), AT_ONCE):
        outcome.add(load_rows(work, prepared, prepared.rows[at : at + AT_ONCE], batch))
    outcome.problems += [RowProblem(0, problem) for problem in prepared.problems]
    if outcome.problems:
        raise Refused([told.problem for told in outcome.problems], extra={"outcome": outcome})
    note(work, outcome, mapping, file)
    return outcome


def load_rows(work: Work, prepared: Prepared, rows: Sequence[Row], batch: int) -> Outcome:
    """Take some rows through the gate in this transaction; those with problems are left out."""
    if not prepared.key:
        raise refuse(problems.NO_KEY, entity=prepared.entity.label)
    context = replace(work.context, door="import", trace=trace_of(batch))
    within = open_work(context, work.catalog, work.connection)
    within.access(prepared.entity.id).demand("import")
    outcome = Outcome(batch=batch)
    good = [row for row in rows if not row.problems]
    for row in rows:
        if row.problems:
            outcome.refuse(row.number, row.problems)
    if not good:
        return outcome
    bodies = [row.body for row in good]
    results = store.upsert(within, prepared.entity.id, bodies, key=prepared.key, good_only=True)
    for row, result in zip(good, results, strict=True):
        if result.status == "refused":
            outcome.refuse(row.number, result.problems)
        else:
            setattr(outcome, result.status, getattr(outcome, result.status) + 1)
    return outcome


def note(work: Work, outcome: Outcome, mapping: ImportMapping, file: str) -> None:
    """Write a batch down, or add to its counts, so that it can be listed and undone."""
    counts = [outcome.created, outcome.changed, outcome.refused]
    if work.connection.run(for_dialect(READ_BATCH, work.dialect), [outcome.batch]):
        work.connection.change(for_dialect(COUNT_BATCH, work.dialect), [*counts, outcome.batch])
        return
    pairs = {column.field: column.column or column.value for column in mapping.columns}
    work.connection.change(
        for_dialect(ADD_BATCH, work.dialect),
        [
            outcome.batch, instant_text(work.context.now), work.context.user, work.context.login,
            mapping.entity, mapping.id or msgspec.json.encode(pairs).decode(), file, *counts,
        ],
    )  # fmt: skip

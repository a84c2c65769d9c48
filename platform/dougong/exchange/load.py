"""Takes prepared rows through the gate as one batch that can be undone later."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from dougong.catalog.process import ImportMapping
from dougong.exchange import problems
from dougong.exchange.prepare import Prepared, Row
from dougong.exchange.statements import ADD_BATCH, for_dialect
from dougong.fields.dates import instant_text
from dougong.foundation.errors import Problem, Refused, refuse
from dougong.records import store
from dougong.records.work import Work, open_work

AT_ONCE = 500
MOST_PROBLEMS = 1_000

Progress = Callable[[int, int], None]
"""Called with (rows done, rows in all)."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong in row `number` of the file."""

    number: int
    problem: Problem


@dataclass(slots=True)
class Outcome:
    """What an import did. `problems` are at most the first 1,000; `refused` counts all rows that
    were left out.
    """

    batch: int = 0
    created: int = 0
    changed: int = 0
    same: int = 0
    refused: int = 0
    problems: list[RowProblem] = field(default_factory=list)


def trace_of(batch: int) -> str:
    """Return the mark that the trail keeps for everything an import changed."""
    return f"import:{batch}"


def load(
    work: Work,
    prepared: Prepared,
    *,
    good_only: bool,
    mapping: ImportMapping,
    file: str,
    progress: Progress | None = None,
) -> Outcome:
    """Create and change records by business key, in this transaction.

    With `good_only` rows that have problems are left out and told; otherwise any problem raises
    Refused with all of them, and the caller's transaction must not be committed.
    """
    if not prepared.key:
        raise refuse(problems.NO_KEY, entity=prepared.entity.label)
    batch = work.new_id()
    context = replace(work.context, door="import", trace=trace_of(batch))
    within = open_work(context, work.catalog, work.connection)
    within.access(prepared.entity.id).demand("import")
    outcome = Outcome(batch=batch)
    total = len(prepared.rows)
    for at in range(0, total, AT_ONCE):
        _load_some(within, prepared, prepared.rows[at : at + AT_ONCE], outcome)
        if progress is not None:
            progress(min(at + AT_ONCE, total), total)
    outcome.problems += [RowProblem(0, problem) for problem in prepared.problems]
    if not good_only and (outcome.problems or outcome.refused):
        raise Refused([told.problem for told in outcome.problems], extra=_told(outcome))
    _note(work, outcome, prepared, mapping, file)
    return outcome


def _load_some(work: Work, prepared: Prepared, rows: Sequence[Row], outcome: Outcome) -> None:
    good = [row for row in rows if not row.problems]
    for row in rows:
        if row.problems:
            _refuse(outcome, row.number, row.problems)
    if not good:
        return
    results = store.upsert(
        work, prepared.entity.id, [row.body for row in good], key=prepared.key, good_only=True
    )
    for row, result in zip(good, results, strict=True):
        if result.status == "refused":
            _refuse(outcome, row.number, result.problems)
        elif result.status == "created":
            outcome.created += 1
        elif result.status == "changed":
            outcome.changed += 1
        else:
            outcome.same += 1


def _refuse(outcome: Outcome, number: int, found: Sequence[Problem]) -> None:
    outcome.refused += 1
    room = MOST_PROBLEMS - len(outcome.problems)
    outcome.problems += [RowProblem(number, problem) for problem in found[:room]]


def _told(outcome: Outcome) -> dict[str, object]:
    rows = sorted({told.number for told in outcome.problems})
    return {"refused": outcome.refused, "rows": rows[:MOST_PROBLEMS]}


def _note(
    work: Work, outcome: Outcome, prepared: Prepared, mapping: ImportMapping, file: str
) -> None:
    """Write the batch down, so that it can be listed and undone."""
    pairs = {column.field: column.column or column.value for column in mapping.columns}
    work.connection.change(
        for_dialect(ADD_BATCH, work.dialect),
        [
            outcome.batch, instant_text(work.context.now), work.context.user, work.context.login,
            prepared.entity.id, mapping.id or msgspec.json.encode(pairs).decode(), file,
            outcome.created, outcome.changed, outcome.refused,
        ],
    )  # fmt: skip

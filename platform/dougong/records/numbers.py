"""Document numbers by rule: a count of their own for each company, month or whatever the rule says.

The count is one row, raised in the transaction that takes the number: two who take one at once wait
for each other, so no number is given twice, and a number taken by a transaction that fails is free
again.
"""

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from dougong.catalog.entity import Field
from dougong.catalog.process import Sequence
from dougong.fields.types import field_type
from dougong.foundation.errors import refuse
from dougong.generated.picks import Picks, picks_for
from dougong.records import problems as kinds
from dougong.records.drafting import Draft
from dougong.records.linked import read_targets
from dougong.records.work import Work

_PART = re.compile(r"\{([a-z][a-z0-9_.]*)(?::([^}]*))?\}")
_TAKE = (
    'INSERT INTO @."dougong_counter" ("name", "per", "n") VALUES ({0}, {0}, {0}) '
    'ON CONFLICT ("name", "per") DO UPDATE SET "n" = @."dougong_counter"."n" + 1 RETURNING "n"'
)
_SQL = {dialect: _TAKE.format(place) for dialect, place in (("sqlite", "?"), ("postgresql", "%s"))}


def issue(work: Work, draft: Draft, each: Field, chosen: str = "") -> None:
    """Take a number for a field of the draft's record unless it has one.

    `chosen` is one of the field's sequences, the first when empty. Raises Refused.
    """
    if getattr(draft.record, f"f_{each.name}") is not None or not each.sequences:
        return
    name = chosen or each.sequences[0]
    sequence = work.catalog.sequences.get(name)
    if name not in each.sequences or sequence is None:
        known = ", ".join(each.sequences)
        raise refuse(
            kinds.SEQUENCE_UNKNOWN, each.name, label=each.label, sequence=name, sequences=known
        )
    number = next_number(work, draft, sequence)
    limit = getattr(field_type(each.type), "limit", lambda _: 200)(each.shape)
    if len(number) > limit:
        raise refuse(kinds.SEQUENCE_TOO_LONG, each.name, sequence=name, number=number)
    setattr(draft.record, f"f_{each.name}", number)


def next_number(work: Work, draft: Draft, sequence: Sequence) -> str:
    """Take the next number of a rule and write it by its pattern."""
    paths = tuple(found[1] for found in _PART.finditer(sequence.pattern) if found[1] != "n")
    wanted = (*sequence.per, *paths)
    picks = picks_for(work.catalog, draft.code.entity, wanted, "", work.dialect)
    reader = _read(work, picks, draft)
    values = [run(draft.record, None, None, None, draft.environment, reader) for run in picks.run]
    pers, shown = (
        values[: len(sequence.per)],
        dict(zip(paths, values[len(sequence.per) :], strict=True)),
    )
    fields = dict(zip(paths, picks.fields[len(sequence.per) :], strict=True))
    per = msgspec.json.encode(pers).decode() if pers else ""
    n = work.connection.run(_SQL[work.dialect], [sequence.id, per, sequence.start])[0][0]

    def write(found: re.Match[str]) -> str:
        if found[1] == "n":
            return str(n).zfill(int(found[2] or 0))
        return _shown(shown[found[1]], fields[found[1]], found[2] or "", work)

    return _PART.sub(write, sequence.pattern)


class _Maps:
    """A small `k` for picks."""

    def __init__(self, picks: Picks) -> None:
        self.maps: list[dict[int, Any]] = [{} for _ in picks.fetches]
        self.empty = [fetch.empty for fetch in picks.fetches]


def _read(work: Work, picks: Picks, draft: Draft) -> _Maps:
    maps = _Maps(picks)
    for number, ids in picks.needs(draft.record, None, draft.environment):
        wanted = [one for one in ids if isinstance(one, int)]
        if wanted:
            maps.maps[number].update(read_targets(work, picks.fetches[number], wanted))
    return maps


def _shown(value: Any, each: Field | None, form: str, work: Work) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(work.context.zone))
    if isinstance(value, date):
        return _dated(value, form or "yyyyMMdd")
    if each is not None:
        return field_type(each.type).text(value, each.shape)
    return str(value)


@lru_cache(maxsize=500)
def _dated(value: date, form: str) -> str:
    """Write a date by a pattern of yyyy, yy, MM, dd."""
    parts = {
        "yyyy": f"{value.year:04d}",
        "yy": f"{value.year % 100:02d}",
        "MM": f"{value.month:02d}",
        "dd": f"{value.day:02d}",
    }
    return re.sub(r"yyyy|yy|MM|dd", lambda found: parts[found[0]], form)

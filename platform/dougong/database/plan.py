"""Plan: the way from one declared state to another as steps a person can read. Pure."""

from collections.abc import Mapping

import msgspec
from msgspec import structs

from dougong.database.counts import NO_ROWS, Counts
from dougong.database.match import Matched, match_states
from dougong.database.problems import NAME_TOO_LONG
from dougong.database.steps import AnyStep
from dougong.database.tables import LONGEST, State, digest
from dougong.database.way import Way
from dougong.foundation.errors import Place, Problem, Refused


class Plan(msgspec.Struct, frozen=True):
    """The steps from the state hashed `old` to the one hashed `new`; `hash` stamps all of it."""

    old: str
    new: str
    steps: tuple[AnyStep, ...]
    hash: str = ""

    @property
    def destructive(self) -> tuple[AnyStep, ...]:
        """The steps that take data away and need consent."""
        return tuple(step for step in self.steps if step.level == "destructive")

    @property
    def is_whole(self) -> bool:
        """Whether the stamp fits what it stamps."""
        return self.hash == stamped(self).hash


def stamped(made: Plan) -> Plan:
    """Return the plan with its hash."""
    return structs.replace(made, hash=digest([made.old, made.new, made.steps]))


def plan(old: State, new: State, *, counts: Counts = NO_ROWS) -> Plan:
    """Find the steps from `old` to `new`.

    Raises Refused with every reason at once: something vanished without a statement, a type can't
    be changed, values are missing, too large, alike or point to nothing.
    """
    matched = match_states(old, new)
    matched.problems.extend(_long_names(new))
    return follow(old, new, matched, counts)


def follow(
    old: State,
    new: State,
    matched: Matched,
    counts: Counts,
    back: Mapping[tuple[str, str], int] | None = None,
) -> Plan:
    """Write the steps for what became of what; `back` tells what was parked (see Way)."""
    way = Way(old, new, matched, counts, back)
    steps = way.steps()
    if matched.problems:
        raise Refused(matched.problems)
    return stamped(Plan(old.hash, new.hash, steps))


def _long_names(new: State) -> list[Problem]:
    return [
        Problem(NAME_TOO_LONG, Place(path=table.entity), {"name": name, "length": len(name)})
        for name, table in new.tables.items()
        if len(name.encode()) > LONGEST
    ]


def to_json(made: Plan) -> bytes:
    """Write the plan as JSON."""
    return msgspec.json.encode(made)


def from_json(text: bytes | str) -> Plan:
    """Read what `to_json` wrote. Raises msgspec.ValidationError for anything else."""
    return _decoder.decode(text)


_decoder = msgspec.json.Decoder(Plan)

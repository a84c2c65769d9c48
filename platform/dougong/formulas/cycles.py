"""Who must be computed before whom, and who can't be."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dougong.formulas import problems
from dougong.foundation.errors import Place, Problem


@dataclass(frozen=True, slots=True)
class Order:
    """`names` in an order in which each comes after all it reads (ties as given); `cycles` are the
    circles, each beginning and ending with the same name, and leave their names out of `names`.
    """

    names: tuple[str, ...]
    cycles: tuple[tuple[str, ...], ...]


def order(reads: Mapping[str, Iterable[str]]) -> Order:
    """Sort names by what they read; names read but not in the mapping count as given.

    Takes a time proportional to names and reads, and no recursion, so any length of chain will do.
    """
    done: list[str] = []
    seen: set[str] = set()
    bad: set[str] = set()  # in a circle, or reading one
    cycles: list[tuple[str, ...]] = []
    for start in reads:
        if start in seen:
            continue
        seen.add(start)
        way = {start: iter(tuple(reads[start]))}
        while way:
            name, rest = next(reversed(way.items()))
            for read in rest:
                if read in way:
                    steps = list(way)
                    cycles.append((*steps[steps.index(read) :], read))
                if read in way or read in bad:
                    bad.update(way)
                elif read in reads and read not in seen:
                    seen.add(read)
                    way[read] = iter(tuple(reads[read]))
                    break
            else:
                del way[name]
                if name not in bad:
                    done.append(name)
    return Order(tuple(done), tuple(cycles))


def cycle_problems(
    reads: Mapping[str, Iterable[str]], places: Mapping[str, Place]
) -> list[Problem]:
    """Return one problem for each circle, at the place of its first name."""
    return [
        Problem(problems.CYCLE, places.get(cycle[0], Place()), {"cycle": " → ".join(cycle)})
        for cycle in order(reads).cycles
    ]

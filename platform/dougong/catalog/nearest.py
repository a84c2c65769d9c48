"""The right name that comes nearest to a wrong one."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(wrong: str, names: Iterable[object]) -> str:
    """Return the name most like `wrong`, or "" when none is near.

    A name of the right module counts first: `sales.ordr` is near `sales.order`.
    """
    known = [name for name in names if isinstance(name, str)]
    found = get_close_matches(wrong, known, n=1, cutoff=0.6)
    if found:
        return found[0]
    last = wrong.rpartition(".")[2]
    ends = {name.rpartition(".")[2]: name for name in known}
    found = get_close_matches(last, list(ends), n=1, cutoff=0.75)
    return ends[found[0]] if found else ""

"""The files a tenant's metadata was made from: with a home on this machine, without one in a lock.

What ships with dougong is found where it is installed, so a lock holds no folder of it: the same
files have the same digest on every machine, and a tenant can move.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from dougong.catalog.nearest import nearest
from dougong.catalog.shipped_sets import sets_for, shipped_modules
from dougong.catalog.source import SourceSet
from dougong.database.lock import pack_sources, unpack_sources
from dougong.foundation.errors import Place, Problem, Refused
from dougong.tenants.problems import UNKNOWN_MODULE


def homeless(sets: Iterable[SourceSet]) -> tuple[SourceSet, ...]:
    """Return the sets as a lock holds them: what ships does not say where it lies."""
    given = tuple(sets)
    homes = _homes(each.id for each in given)
    return tuple(
        replace(each, folder="") if homes.get((each.layer, each.id)) == _whole(each) else each
        for each in given
    )


def at_home(sets: Iterable[SourceSet]) -> tuple[SourceSet, ...]:
    """Return the sets with their folders written in full, so that they hold in any process."""
    given = tuple(sets)
    homes = _homes(each.id for each in given)
    return tuple(
        replace(each, folder=_whole(each) or homes.get((each.layer, each.id), "")) for each in given
    )


def shipped_today(modules: Sequence[str], layer: SourceSet | None) -> tuple[SourceSet, ...]:
    """Return the platform and modules as shipped today with a tenant's layer on them.

    Refuses modules nobody ships, with every one.
    """
    shipped = shipped_modules()
    problems = [
        Problem(
            UNKNOWN_MODULE, Place(), {"module": each, "known": ", ".join(shipped)},
            nearest(each, shipped),
        )
        for each in modules
        if each not in shipped
    ]  # fmt: skip
    if problems:
        raise Refused(problems)
    return at_home(sets_for(modules, (layer,) if layer is not None and layer.files else ()))


def pack(sets: Iterable[SourceSet]) -> bytes:
    """Pack the sets in their order as a lock holds them."""
    return pack_sources(homeless(sets))


def unpack(packed: bytes) -> tuple[SourceSet, ...]:
    """Return packed sets, at home on this machine."""
    return at_home(unpack_sources(packed))


def digest(packed: bytes) -> str:
    """Return the digest of packed sources."""
    return hashlib.sha256(packed).hexdigest()


def modules_of(sets: Iterable[SourceSet]) -> tuple[str, ...]:
    """Return the ids of the modules and plugins among the sets, in their order."""
    return tuple(each.id for each in sets if each.layer in ("module", "plugin"))


def _whole(source: SourceSet) -> str:
    """Write a folder in full; a tenant's layer has only a name."""
    return (
        source.folder
        if source.layer == "tenant" or not source.folder
        else str(Path(source.folder).resolve())
    )


def _homes(ids: Iterable[str]) -> Mapping[tuple[str, str], str]:
    """Return the folders of the shipped sets among these ids, and of the platform's own."""
    return {
        (each.layer, each.id): str(Path(each.folder).resolve()) for each in sets_for(tuple(ids))
    }

"""Holds merged declarations to each other: names, aspects' needs, data. Reads bodies only."""

from dougong.catalog.check_data import check_data
from dougong.catalog.check_reads import check_reads
from dougong.catalog.collect import Declared
from dougong.catalog.names import NameChecker
from dougong.catalog.scope import Known
from dougong.foundation.errors import Problem


class Hold:
    """The merged declarations, ready to be held to each other one by one."""

    def __init__(self, objects: dict[tuple[str, str], Declared], known: Known) -> None:
        self.objects = objects
        self.known = known
        self.checker = NameChecker(objects, known)

    def names(self, key: tuple[str, str]) -> list[Problem]:
        """Return what is wrong with the names in one object, with its aspects' needs and its data."""
        kind, id_ = key
        declared = self.objects[key]
        wrong = self.checker.check(kind, id_, declared.body)
        if kind in ("entity", "setting"):
            wrong.extend(check_reads(declared, self.objects, self.known))
        if kind == "data":
            wrong.extend(check_data(declared, self.objects))
        return wrong

"""What an aspect asks of the header it is used under."""

from collections.abc import Iterator, Mapping

from dougong.catalog import problems as kinds
from dougong.catalog.collect import Declared
from dougong.catalog.scope import Known
from dougong.catalog.shapes import argument_type
from dougong.catalog.values import Map, Mark
from dougong.foundation.errors import Problem


def check_reads(
    declared: Declared, objects: Mapping[tuple[str, str], Declared], known: Known
) -> list[Problem]:
    """Return a problem for each field that an aspect reads and its header lacks or types otherwise."""
    wrong = []
    for aspect, mark in _used(declared.body):
        body = objects["aspect", aspect].body if ("aspect", aspect) in objects else Map()
        for name, wanted, _ in body.map("reads").walk():
            if isinstance(wanted, Map) and not _offers(known, declared.id, name, wanted):
                values = {"aspect": aspect, "name": name}
                wrong.append(Problem(kinds.NEEDS_READS, mark.at_value("use"), values))
    return wrong


def _used(body: Map) -> Iterator[tuple[str, Mark]]:
    yield from body.named("use")
    for lines in body.map("lines").values():
        if isinstance(lines, Map):
            yield from lines.named("use")


def _offers(known: Known, entity: str, name: str, wanted: Map) -> bool:
    found = known.field(entity, name)
    if found is None:
        return wanted.get("required") is False
    asked = argument_type(wanted)
    return found.kind == asked.kind and (not asked.to or found.to == asked.to)

"""What two people changed at once: field by field, yours, theirs, and what both began with."""

from typing import Any

from dougong.fields.links import KeyOf
from dougong.fields.types import field_type
from dougong.generated.code import EntityCode
from dougong.generated.explain import Given
from dougong.generated.sql import mark
from dougong.records import trail
from dougong.records.work import Work

_SINCE = (
    'SELECT "changes" FROM @."dougong_trail" WHERE "entity" = {0} AND "record" = {0} '
    'AND "version" > {0} ORDER BY "version", "id"'
)


def differences(
    work: Work, code: EntityCode, record: Any, version: int, given: Given | None
) -> list[dict[str, Any]]:
    """Compare what was given with the record as it now stands.

    Each is `{"field", "yours", "theirs", "base"}`; `base` is the value at `version` and absent where
    it is not known. Fields that are the same on both sides, and hidden ones, are left out.
    """
    hidden = work.access(code.entity.id).hidden
    base = _bases(work, code, record.id, version)
    theirs = trail.flatten({"": [None, code.header.wire(record)]}, frozenset(code.lines))
    now = {path: change[1] for path, change in theirs.items()}
    yours = _given(code, given)
    found = []
    for path in dict.fromkeys([*yours, *base]):
        if trail.is_hidden(path, hidden):
            continue
        their = now.get(path)
        your = yours.get(path, base.get(path))
        if your != their:
            known = {"base": base[path]} if path in base else {}
            found.append({"field": path, "yours": your, "theirs": their, **known})
    return found


def _bases(work: Work, code: EntityCode, record: int, version: int) -> dict[str, Any]:
    rows = work.connection.run(_SINCE.format(mark(work.dialect)), [code.entity.id, record, version])
    base: dict[str, Any] = {}
    for (changes,) in rows:
        for path, (old, _) in trail.flatten(
            trail.read_changes(changes), frozenset(code.lines)
        ).items():
            base.setdefault(path, old)
    return base


def _given(code: EntityCode, given: Given | None) -> dict[str, Any]:
    if given is None:
        return {}
    fields = code.shape.header.fields
    found = {name: _wired(fields[name], value) for name, value in given.values.items()}
    for lines, rows in given.lines.items():
        inner = code.shape.lines[lines].fields
        for row in rows:
            if row.id:
                found.update(
                    {
                        f"{lines}.{row.id}.{name}": _wired(inner[name], value)
                        for name, value in row.values.items()
                    }
                )
    return found


def _wired(each: Any, value: Any) -> Any:
    if isinstance(value, KeyOf):
        return dict(value.values)
    return field_type(each.type).wire(value, each.shape)

"""Where each value of an object comes from: the text of `dougong show ENTITY --layers`."""

import json
from collections.abc import Iterable, Iterator

from dougong.catalog.assemble import Assembled
from dougong.catalog.kinds import KINDS
from dougong.catalog.nearest import nearest
from dougong.catalog.override import Override
from dougong.catalog.problems import UNKNOWN_REFERENCE, WHAT
from dougong.catalog.values import List, Map, Mark, plain
from dougong.foundation.errors import refuse

STATUS = {
    "applied": {"zh": "生效", "en": "applied"},
    "absorbed": {"zh": "基层已相同", "en": "absorbed"},
    "conflict": {"zh": "冲突", "en": "conflict"},
}


def show(assembled: Assembled, id_: str, *, kind: str = "", language: str = "en") -> str:
    """Return every value of an object with its layer, file and line, then what changes became of it.

    Raises Refused when there is no such object.
    """
    kinds = [kind] if kind else ["entity", "setting", *KINDS]
    keys = ((each, id_) for each in kinds)
    found = next((assembled.origins[key] for key in keys if key in assembled.origins), None)
    if found is None:
        ids = [other for _, other in assembled.origins]
        raise refuse(
            UNKNOWN_REFERENCE,
            what=WHAT.get(kind or "entity", kind),
            name=id_,
            nearest=nearest(id_, ids),
        )
    rows = [
        (path, _said(value), *_where(mark))
        for path, value, mark in _walk(found.body, "", found.body.mark)
    ]
    overrides = [
        each for each in assembled.overrides if each.id == id_ and (not kind or each.kind == kind)
    ]
    lines = _aligned(rows)
    if overrides:
        lines += ["", {"zh": "修改：", "en": "Changes:"}.get(language, "Changes:")]
        lines += _aligned([_row(each, language) for each in overrides])
    return "\n".join(lines) + "\n"


def override_lines(overrides: Iterable[Override], language: str) -> list[str]:
    """Say what became of every changed property, one line each: the conflicts last."""
    ordered = sorted(overrides, key=lambda each: each.status == "conflict")
    return _aligned([_row(each, language, f"{each.id} ") for each in ordered])


def _walk(value: object, path: str, mark: Mark) -> Iterator[tuple[str, object, Mark]]:
    """Walk the leaves: scalars, lists, and empty maps."""
    if isinstance(value, Map) and value:
        for key, each, spot in value.walk():
            yield from _walk(each, f"{path}.{key}" if path else key, spot)
    else:
        yield path, value, mark


def _said(value: object) -> str:
    said = json.dumps(plain(value), ensure_ascii=False) if isinstance(value, (Map, List)) else ""
    text = said or (
        "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    )
    return text if len(text) <= 60 else text[:57] + "…"


def _where(mark: Mark) -> tuple[str, str]:
    return f"{mark.file.layer} {mark.file.owner}", f"{mark.file.name}:{mark.line}"


def _row(each: Override, language: str, whose: str = "") -> tuple[str, str, str, str]:
    status = STATUS[each.status].get(language, each.status)
    change = f"{_said_plain(each.was)} → {_said_plain(each.to)}"
    if each.status == "conflict":
        change += f" ({_said_plain(each.now)})"
    return f"{status}  {whose}{each.path}", change, f"{each.layer} {each.owner}", str(each.place)


def _said_plain(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _aligned(rows: list[tuple[str, str, str, str]]) -> list[str]:
    """Set columns below each other; a Chinese character is as wide as two others."""
    widths = [max((_width(row[column]) for row in rows), default=0) for column in range(3)]
    made = []
    for row in rows:
        cells = [
            text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=False)
        ]
        made.append("  ".join([*cells, row[3]]).rstrip())
    return made


def _width(text: str) -> int:
    return sum(2 if ord(each) >= 0x1100 else 1 for each in text)

"""Collects what does not hold of one record, and says it in words."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from dougong.catalog.entity import Field, Rule
from dougong.fields.field_type import BadValue
from dougong.fields.problems import TOO_LARGE
from dougong.fields.types import field_type
from dougong.formulas.in_words import in_words
from dougong.foundation.errors import Place, Problem, ProblemKind, Refused
from dougong.foundation.translate import LANGUAGES, Label
from dougong.generated.code import EntityCode
from dougong.generated.picks import Picks, picks_for
from dougong.records import problems as kinds
from dougong.records.environment import Environment
from dougong.records.linked import read_targets
from dougong.records.work import Work

MOST = 200
HIDDEN = "—"
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_.]*)(?::[^}]*)?\}")


class Report:
    """The `say` of generated code. `problems` refuse, `warnings` are told beside what was saved."""

    def __init__(self, work: Work, code: EntityCode, record: Any, environment: Environment) -> None:
        self.work = work
        self.code = code
        self.record = record
        self.environment = environment
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def refuse(self) -> None:
        """Raise Refused when there is any problem."""
        if self.problems:
            raise Refused(self.problems)

    def field(self, name: str, lines: str = "") -> Field:
        """Return a field of the header or of lines."""
        return (self.code.shape.lines[lines] if lines else self.code.shape.header).fields[name]

    def add(self, kind: ProblemKind, path: str, **values: Any) -> None:
        """Add a problem; at most one for each path, the first."""
        if len(self.problems) < MOST and not self._is_known(path):
            self.problems.append(Problem(kind, Place(path=path), values))

    def _is_known(self, path: str) -> bool:
        return bool(path) and any(problem.where.path == path for problem in self.problems)

    # --- what generated code tells --------------------------------------------------------------

    def bad(self, path: str, error: Exception) -> None:
        """A computed value does not fit its field."""
        parts = path.split(".")
        each = self.field(parts[-1], parts[0] if len(parts) > 1 else "")
        if isinstance(error, BadValue):
            self.add(error.kind, path, **{**error.values, "label": each.label})
            return
        try:
            settled = field_type(each.type)
            scale = getattr(settled, "scale_of", lambda _: 0)(each.shape)
        except (TypeError, ValueError):
            scale = 0
        self.add(TOO_LARGE, path, label=each.label, digits=18 - scale)

    def miss(self, path: str, name: str, lines: str) -> None:
        """A required field is empty."""
        self.add(kinds.REQUIRED, path, label=self.field(name, lines).label)

    def fail(self, path: str, name: str, lines: str) -> None:
        """A field's check is false."""
        each = self.field(name, lines)
        assert each.check is not None  # noqa: S101 -- the generated code asks only for fields with one
        said = in_words(each.check, self._label_of(lines))
        self.add(kinds.CHECK_FAILED, path, label=each.label, check=said)

    def _label_of(self, lines: str) -> Callable[[tuple[str, ...]], Label | None]:
        """What a person calls a field seen from here: from a line, the line's first."""
        entity = self.code.entity
        near = entity.lines[lines].fields if lines else {}

        def label(names: tuple[str, ...]) -> Label | None:
            found = near.get(names[0]) or entity.fields.get(names[0])
            return found.label if found and len(names) == 1 else None

        return label

    def few(self, lines: str) -> None:
        """There are too few lines."""
        each = self.code.entity.lines[lines]
        self.add(kinds.FEW_LINES, lines, label=each.label, least=each.min)

    def many(self, lines: str) -> None:
        """There are too many lines."""
        each = self.code.entity.lines[lines]
        self.add(kinds.MANY_LINES, lines, label=each.label, most=each.max)

    def lost(self, path: str, name: str, lines: str) -> None:
        """A link leads to nothing that the person may read."""
        each = self.field(name, lines)
        self.add(kinds.LINK_MISSING, path, label=each.label, entity=self._target(each))

    def unfit(self, path: str, name: str, lines: str) -> None:
        """What a link points to does not satisfy its `where`."""
        each = self.field(name, lines)
        entity = self._target(each)
        target = self.work.catalog.entities.get(each.targets[0]) if each.targets else None
        fields = target.fields if target else {}
        where = (
            in_words(
                each.where, lambda names: fields[names[0]].label if names[0] in fields else None
            )
            if each.where
            else ""
        )
        self.add(kinds.LINK_UNFIT, path, label=each.label, entity=entity, where=where)

    def broke(self, number: int, path: str, line: Any) -> None:
        """A rule is broken; it stops or warns."""
        lines, rule = self.code.rules[number]
        values = {"say": self._said(rule, lines, line), "rule": rule.name}
        level = "warn" if rule.level == "warn" else "stop"
        found = Problem(kinds.RULE_BROKEN, Place(path=path), values, level=level)  # type: ignore[arg-type]
        if level == "warn":
            self.warnings.append(found)
        elif len(self.problems) < MOST:
            self.problems.append(found)

    def _target(self, each: Field) -> Label:
        name = each.targets[0] if each.targets else ""
        known = self.work.catalog.entities.get(name)
        return known.label if known else Label.of(name)

    # --- the words of a rule --------------------------------------------------------------------

    def _said(self, rule: Rule, lines: str, line: Any) -> Label:
        texts = dict(rule.say.items()) or dict.fromkeys(LANGUAGES, rule.check.text)
        paths = tuple(
            dict.fromkeys(name for text in texts.values() for name in _PLACEHOLDER.findall(text))
        )
        if not paths:
            return Label.of(texts)
        shown = show_paths(self.work, self.code, self.environment, self.record, line, lines, paths)
        return Label.of(
            {language: _filled(text, shown, language) for language, text in texts.items()}
        )


def _filled(text: str, shown: Mapping[str, Label | str | None], language: str) -> str:
    return _PLACEHOLDER.sub(lambda found: _say(shown.get(found[1]), language), text)


def _say(value: Label | str | None, language: str) -> str:
    return value.say(language) if isinstance(value, Label) else (value or "")


def show_paths(
    work: Work,
    code: EntityCode,
    environment: Environment,
    record: Any,
    line: Any,
    lines: str,
    paths: tuple[str, ...],
) -> Mapping[str, Label | str]:
    """Return the values at paths as words, read with the person's rights: what is hidden is —."""
    shown: dict[str, Label | str] = {}
    for path in paths:
        try:
            shown[path] = _show(work, code, environment, record, line, lines, path)
        except (LookupError, ValueError):
            shown[path] = HIDDEN
    return shown


def _show(
    work: Work,
    code: EntityCode,
    environment: Environment,
    record: Any,
    line: Any,
    lines: str,
    path: str,
) -> Label | str:
    names = path.split(".")
    own = code.shape.lines[lines].fields if lines else {}
    spot = f"{lines}.{names[0]}" if names[0] in own else names[0]
    hidden = work.access(code.entity.id).hidden
    if spot in hidden or spot.partition(".")[0] in hidden:
        return HIDDEN
    picks = picks_for(work.catalog, code.entity, (path,), lines, work.dialect)
    each = picks.fields[0]
    if each is not None and each.type == "link" and each.targets:
        return _show(work, code, environment, record, line, lines, f"{path}.{_name_of(work, each)}")
    reader = _Reader(work, picks)
    for number, ids in picks.needs(record, line, environment):
        target = picks.fetches[number].target.entity
        for id_ in ids:
            if id_ is not None and not reader.read(number, id_):
                return HIDDEN
        if len(names) > 1 and names[-1] in work.access(target.id).hidden:
            return HIDDEN
    value = picks.run[0](record, line, None, None, environment, reader)
    return "" if value is None else _words(each, value)


def _name_of(work: Work, each: Field) -> str:
    """Return the field that names a record of the link's target: of its title, or its key."""
    target = work.catalog.entities.get(each.targets[0])
    if target is None:  # a line
        return "id"
    found = _PLACEHOLDER.findall(target.title)
    plain = [name for name in (*found, *target.key) if name in target.fields]
    return plain[0] if plain else "id"


class _Reader:
    """A small `k` for picks."""

    def __init__(self, work: Work, picks: Picks) -> None:
        self.work = work
        self.picks = picks
        self.maps: list[dict[int, Any]] = [{} for _ in picks.fetches]
        self.empty = [fetch.empty for fetch in picks.fetches]

    def read(self, number: int, id_: int) -> bool:
        """Read one record; tell whether the person may read it."""
        self.maps[number].update(read_targets(self.work, self.picks.fetches[number], [id_]))
        found = self.maps[number].get(id_)
        return bool(found and found[0])


def _words(each: Field | None, value: Any) -> Label | str:
    if each is None:
        return str(value)
    if each.options:
        return next((option.label for option in each.options if option.key == value), str(value))
    if isinstance(value, bool):
        return Label.of({"zh": "是" if value else "否", "en": "yes" if value else "no"})
    return field_type(each.type).text(value, each.shape)

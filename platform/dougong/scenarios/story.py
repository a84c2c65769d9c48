"""A `test:` file read into cases and acts, each with its place; says everything that is wrong."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dougong.catalog.process import Scenario
from dougong.catalog.values import Map
from dougong.foundation.errors import Place, Problem, ProblemKind
from dougong.scenarios.problems import BAD_MAKE, BAD_SHAPE, BAD_TIME, UNKNOWN_KEY

ACTS = ("make", "do", "change", "delete", "read", "expect", "stops", "warns", "hidden", "visible")
_STEP_KEYS = ("as", "at", *ACTS)
_CASE_KEYS = ("label", "given", *_STEP_KEYS, "steps")
_STORY_KEYS = ("test", "label", "now", "given", "cases", "steps")


@dataclass(frozen=True, slots=True)
class Make:
    """A record to be made: its entity, the name it is called by, its values."""

    entity: str
    name: str
    values: Mapping[str, Any]
    place: Place


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that is done or looked at, in the order of the file.

    `verb` is one of `ACTS`; `what` its value: Makes for make, a map for do, change and expect, a
    text or list of texts for the others.
    """

    verb: str
    what: Any
    place: Place
    places: Mapping[str, Place] = field(default_factory=dict)

    def at(self, name: str) -> Place:
        """Return the place of one key of the act."""
        return self.places.get(name, self.place)


@dataclass(frozen=True, slots=True)
class Step:
    """Acts by one person at one time; empty `roles` and no `at` keep those of the step before."""

    acts: tuple[Act, ...]
    roles: tuple[str, ...] = ()
    at: datetime | None = None
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Case:
    """A case: what is given beside the story's own, and its steps."""

    name: str
    given: tuple[Make, ...]
    steps: tuple[Step, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Story:
    """A whole `test:` file."""

    id: str
    given: tuple[Make, ...]
    cases: tuple[Case, ...]
    now: datetime | None = None


def read_story(scenario: Scenario) -> tuple[Story, list[Problem]]:
    """Read a scenario; the problems are those of its own shape, not of what it tells."""
    reader = _Reader(scenario)
    story = reader.story()
    return story, reader.problems


class _Reader:
    """Reads one scenario and notes what is wrong with it."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.problems: list[Problem] = []

    def story(self) -> Story:
        """Read the whole."""
        body = self.scenario.body
        self._known(body, _STORY_KEYS)
        given = self._makes(body, "given")
        cases = [self._case(name, case, place) for name, case, place in self._maps(body, "cases")]
        if "steps" in body:
            steps = tuple(self._steps(body))
            cases.append(Case("steps", (), steps, self._place(body, "steps")))
        return Story(self.scenario.id, given, tuple(cases), self._time(body, "now"))

    def _case(self, name: str, case: Mapping[str, Any], place: Place) -> Case:
        self._known(case, _CASE_KEYS)
        given = self._makes(case, "given")
        steps = [self._step(case, place), *self._steps(case)]
        return Case(name, given, tuple(step for step in steps if step.acts or step.roles), place)

    def _steps(self, body: Mapping[str, Any]) -> Iterator[Step]:
        for _, step, place in self._maps(body, "steps"):
            self._known(step, _STEP_KEYS)
            yield self._step(step, place)

    def _step(self, body: Mapping[str, Any], place: Place) -> Step:
        acts = tuple(self._act(body, verb) for verb in body if verb in ACTS)
        return Step(acts, _texts(body.get("as")), self._time(body, "at"), place)

    def _act(self, body: Mapping[str, Any], verb: str) -> Act:
        place = self._place(body, verb)
        value = body[verb]
        if verb == "make":
            return Act(verb, self._makes(body, verb), place)
        if verb in ("do", "change", "expect"):
            if not isinstance(value, Mapping):
                wanted = {
                    "do": "{O1: submit}",
                    "change": "{O1: {note: …}}",
                    "expect": "{O1: {total: …}}",
                }
                self._problem(BAD_SHAPE, place, key=verb, wanted=wanted[verb])
                value = {}
            return Act(verb, value, place, {name: self._place(value, name) for name in value})
        return Act(verb, _texts(value), place)

    def _makes(self, body: Mapping[str, Any], key: str) -> tuple[Make, ...]:
        made = []
        found = body.get(key)
        if found is not None and not isinstance(found, Mapping):
            self._problem(
                BAD_SHAPE, self._place(body, key), key=key, wanted="{sales.order O1: {…}}"
            )
            return ()
        for said, values in (found or {}).items():
            place = self._place(found or {}, said)
            entity, space, name = said.partition(" ")
            if not space or not name.strip() or not isinstance(values, Mapping):
                self._problem(BAD_MAKE, place, key=said)
                continue
            made.append(Make(entity, name.strip(), values, place))
        return tuple(made)

    def _maps(
        self, body: Mapping[str, Any], key: str
    ) -> Iterator[tuple[str, Mapping[str, Any], Place]]:
        found = body.get(key)
        if found is not None and not isinstance(found, Mapping):
            self._problem(BAD_SHAPE, self._place(body, key), key=key, wanted="{name: {…}}")
            return
        for name, value in (found or {}).items():
            if isinstance(value, Mapping):
                yield name, value, self._place(found or {}, name)
            else:
                self._problem(BAD_SHAPE, self._place(found or {}, name), key=name, wanted="{…}")

    def _time(self, body: Mapping[str, Any], key: str) -> datetime | None:
        """Read a civil time (without a zone); the zone is the company's when it is played."""
        text = body.get(key)
        if text is None:
            return None
        try:
            return datetime.fromisoformat(str(text))
        except ValueError:
            self._problem(BAD_TIME, self._place(body, key), text=text)
            return None

    def _known(self, body: Mapping[str, Any], known: Sequence[str]) -> None:
        for key in body:
            if key not in known:
                self._problem(UNKNOWN_KEY, self._place(body, key), key=key, known=", ".join(known))

    def _place(self, body: Mapping[str, Any], key: str) -> Place:
        return body.place(key) if isinstance(body, Map) else self.scenario.place

    def _problem(self, kind: ProblemKind, place: Place, **values: Any) -> None:
        self.problems.append(Problem(kind, place, values))


def _texts(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(str(each) for each in value)
    return (str(value),)

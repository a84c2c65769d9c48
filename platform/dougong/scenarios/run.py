"""Runs scenarios and returns what came of each case."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dougong.catalog.catalog import Catalog
from dougong.catalog.process import Scenario
from dougong.catalog.source import SourceSet
from dougong.foundation.errors import Place, Problem
from dougong.scenarios.play import Play
from dougong.scenarios.stage import Stage
from dougong.scenarios.story import Case, Story, read_story


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one case; good when it has no problems."""

    scenario: str
    case: str
    place: Place
    problems: tuple[Problem, ...]

    @property
    def good(self) -> bool:
        """Whether everything was as told."""
        return not self.problems


def run_scenarios(
    sources: Sequence[SourceSet],
    catalog: Catalog,
    *,
    only: Iterable[str] | None = None,
    language: str = "zh",
) -> Iterator[Result]:
    """Run the scenarios of `catalog` (those in modules `only`, all without it), case by case.

    One tenant in memory serves them all; every case begins with what is given and is undone.
    """
    modules = None if only is None else frozenset(only)
    wanted = [
        each
        for _, each in sorted(catalog.scenarios.items())
        if modules is None or each.module in modules
    ]
    if not wanted:
        return
    with Stage(sources, catalog, language=language) as stage:
        for scenario in wanted:
            yield from run_scenario(stage, scenario)


def run_scenario(stage: Stage, scenario: Scenario) -> Iterator[Result]:
    """Run one scenario on a stage."""
    story, problems = read_story(scenario)
    if problems:
        yield Result(story.id, "", scenario.place, tuple(problems))
        return
    with stage.scene():
        stage.cast(step.roles for case in story.cases for step in case.steps)
        given = _play(stage, story)
        given.give(story.given)
        if given.problems:
            yield Result(story.id, "given", scenario.place, tuple(given.problems))
            return
        for case in story.cases:
            yield _case(stage, story, case, given)


def _case(stage: Stage, story: Story, case: Case, given: Play) -> Result:
    with stage.undone():
        play = _play(stage, story, given)
        play.play(case)
    return Result(story.id, case.name, case.place, tuple(play.problems))


def _play(stage: Stage, story: Story, given: Play | None = None) -> Play:
    return Play(
        stage.work_for,
        stage.setup,
        stage.actor,
        language=stage.language,
        now=story.now,
        named=given.named if given else None,
    )

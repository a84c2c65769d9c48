"""Every generated page of the demo tenant, judged by axe: no serious finding, light or dark."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = ("serious", "critical")
JUDGE = """async (only) => {
  const found = await axe.run(document, only ? { runOnly: only } : {});
  return found.violations.filter((one) => ["serious", "critical"].includes(one.impact)).map(
    (one) => `${one.id}: ` + one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | "));
}"""

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("web")]


def judged(page: Any, only: list[str] | None = None) -> list[str]:
    found: list[str] = page.evaluate(JUDGE, only)
    return found


def in_both_lights(page: Any) -> list[str]:
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    found = judged(page)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    return found + [f"dark {one}" for one in judged(page, ["color-contrast"])]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, every_page: Any) -> Iterator[Any]:
    if not AXE.is_file():
        pytest.fail("npm ci in web/ brings axe-core; tests/run does it")
    with every_page.demo(tmp_path_factory.mktemp("demo")) as found:
        yield found


@pytest.fixture(params=["zh", pytest.param("en", marks=pytest.mark.nightly)])
def window(
    request: pytest.FixtureRequest, browser: Any, house: Any, every_page: Any
) -> Iterator[Any]:
    context = browser.new_context(viewport=every_page.WIDE, bypass_csp=True)
    context.add_init_script(path=AXE)
    every_page.sign_in(context, house, request.param)
    yield context
    context.close()


def test_every_page(window: Any, house: Any, every_page: Any) -> None:
    page = window.new_page()
    faults = {}
    for name, path in {"sign-in": "sign-in", **every_page.addresses(window, house)}.items():
        page.goto(f"{house.base}/{path}")
        found = in_both_lights(page)
        if found:
            faults[name] = found
    assert not faults, "\n".join(
        f"{name}: {one}" for name, found in faults.items() for one in found
    )


def opened_palette(page: Any) -> None:
    page.keyboard.press("Control+k")
    page.wait_for_selector("dialog .palette-hits li")


def opened_keys(page: Any) -> None:
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open]")


def opened_menu(page: Any) -> None:
    page.click("header details.menu summary")


def opened_filters(page: Any) -> None:
    for summary in page.locator(".filter > summary").all():
        summary.evaluate("summary => summary.parentElement.open = true")


def chosen_rows(page: Any) -> None:
    page.locator("[data-do=pick-all]").check()


def typed_customer(page: Any) -> None:
    page.fill("[name=customer]", "zzzz")
    page.wait_for_selector(".hits p")


def found_customer(page: Any) -> None:
    page.locator("[name=customer]").press("ArrowDown")
    page.wait_for_selector(".hits li")


def opened_calendar(page: Any) -> None:
    page.locator("dg-date button").first.click()
    page.wait_for_selector("[role=dialog], .calendar")


def cell_in_use(page: Any) -> None:
    page.locator("dg-lines td").nth(1).click()
    page.keyboard.type("1")


def refused_save(page: Any) -> None:
    page.keyboard.press("Control+s")
    page.wait_for_selector("[data-problems]:not([hidden])")


@pytest.mark.parametrize(
    ("path", "act"),
    [
        ("", opened_palette), ("sales.order", opened_keys), ("sales.order", opened_menu),
        ("sales.order", opened_filters), ("sales.order", chosen_rows),
        ("sales.order/new", typed_customer), ("sales.order/new", found_customer),
        ("sales.order/new", opened_calendar), ("sales.order/new", cell_in_use),
        ("sales.order/new", refused_save),
    ],
)  # fmt: skip
def test_what_opens_on_a_page(
    window: Any, house: Any, path: str, act: Callable[[Any], None]
) -> None:
    page = window.new_page()
    page.goto(f"{house.base}/{path}")
    act(page)
    found = in_both_lights(page)
    assert not found, "\n".join(found)

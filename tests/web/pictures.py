"""Takes a picture of every page of the demo: both languages, light and dark, 1440 and 390 px wide.

    python tests/web/pictures.py FOLDER [WORD]     only pages whose name holds WORD

Says which pages scroll sideways or complain in the console; ends with 1 when any does.
"""

import sys
import tempfile
from pathlib import Path

from every_page import PHONE, WIDE, addresses, demo, launch, sign_in
from playwright.sync_api import Browser, ConsoleMessage, sync_playwright

LANGUAGES, SCHEMES = ("zh", "en"), ("light", "dark")


def take(browser: Browser, folder: Path, word: str, data: Path) -> list[str]:
    """Take the pictures; return what is wrong with the pages."""
    faults: list[str] = []
    with demo(data) as house:
        for language in LANGUAGES:
            context = browser.new_context(viewport=WIDE)
            sign_in(context, house, language)
            page = context.new_page()
            page.on("console", lambda message: faults.extend(_complaint(message)))
            pages = {"sign-in": "sign-in", **addresses(context, house)}
            for name, path in pages.items():
                if word not in name:
                    continue
                for size in (WIDE, PHONE):
                    page.set_viewport_size(size)
                    page.goto(f"{house.base}/{path}")
                    wide = page.evaluate("document.documentElement.scrollWidth")
                    if wide > size["width"]:
                        faults.append(f"{name} {language} {size['width']}: {wide} px wide")
                    for scheme in SCHEMES:
                        page.emulate_media(color_scheme=scheme)
                        file = f"{name}-{language}-{scheme}-{size['width']}.png"
                        page.screenshot(path=folder / file, animations="disabled")
            context.close()
    return faults


def _complaint(message: ConsoleMessage) -> list[str]:
    said = message.type in ("error", "warning") and "status of 40" not in message.text
    return [f"{message.location.get('url')}: {message.text}"] if said else []


def main(folder: Path, word: str = "") -> int:
    """Take the pictures into `folder` and say how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as data:
        browser = launch(playwright)
        faults = take(browser, folder, word, Path(data))
        browser.close()
    print(*faults, sep="\n", end="\n" if faults else "")
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")
    return 1 if faults else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:3]))

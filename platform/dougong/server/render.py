"""Render: page models to HTML with the templates of web/templates.

Jinja writes the page; the cells of lists and line grids are written by functions composed once per
set of columns, ten times faster than a template per cell.
"""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from dougong.foundation.shipped import shipped_folder
from dougong.screens.form_page import FormPage, GridModel
from dougong.screens.list_page import Column, ListPage
from dougong.screens.shell import Entry, Shell
from dougong.screens.values import Reader, sayer
from dougong.screens.widgets import FieldModel
from dougong.screens.words import Words
from dougong.server.assets import read_assets

HTML = "text/html; charset=utf-8"

Cell = Callable[[Mapping[str, Any]], str]


def island(value: object) -> Markup:
    """Write a value as JSON that may stand inside a script element."""
    text = msgspec.json.encode(value, enc_hook=str).decode()
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 -- nothing is left that could end it


def browser_shell(shell: Shell, words: Words) -> dict[str, Any]:
    """Return what the scripts need to know of the shell."""
    return {
        "base": shell.base,
        "language": shell.language,
        "csrf": shell.csrf,
        "words": words.browser(),
        "zone": shell.zone,
        "icons": read_assets().address("icons.svg"),
        "menu": [
            {"label": entry.label, "url": entry.url, "group": group.label}
            for group in shell.menu
            for entry in _leaves(group.items)
        ],
    }


def _leaves(entries: tuple[Entry, ...]) -> list[Entry]:
    found: list[Entry] = []
    for entry in entries:
        found += _leaves(entry.items) if entry.items else [entry]
    return found


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(shipped_folder("web") / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        asset=lambda name: read_assets().address(name),
        island=island,
        browser_shell=browser_shell,
    )
    return environment


def render(template: str, language: str, zone: str, **values: Any) -> bytes:
    """Render a template of web/templates. Raises NotBuilt when the assets are missing."""
    words = Words(language)
    reader = Reader(words, zone)
    written = (
        _environment()
        .get_template(template)
        .render(
            words=words,
            rows=lambda page, _words: list_rows(page, reader),
            line_rows=lambda grid, _words: grid_rows(grid, reader),
            texts=field_texts(values["page"], reader)
            if isinstance(values.get("page"), FormPage)
            else {},
            **values,
        )
    )
    return written.encode()


def list_rows(page: ListPage, reader: Reader) -> Markup:
    """Write the rows of a list."""
    cells = list_cells(page.columns, reader)
    words, pick = reader.words, bool(page.bulk)
    written = []
    for row in page.rows:
        title = cells[0][1](row) if cells else ""
        box = (
            f'<td class="pick"><input type="checkbox" aria-label="{escape(words("list.select", title=title))}"></td>'
            if pick
            else ""
        )
        opened = f"{page.open_url}/{row['id']}"
        inner = "".join(
            f'<td class="{classes}{"" if say(row) else " none"}"><a href="{escape(opened)}" data-open>{escape(say(row)) or "—"}</a></td>'
            if opens
            else write(row)
            for (opens, classes, write), (_, say) in zip(
                list_writers(page.columns, reader), cells, strict=True
            )
        )
        written.append(
            f'<tr id="r{row["id"]}" data-id="{row["id"]}" data-version="{row["version"]}">{box}{inner}</tr>'
        )
    return Markup("".join(written))  # noqa: S704 -- every value in it was escaped


@lru_cache(maxsize=256)
def list_cells(columns: tuple[Column, ...], reader: Reader) -> tuple[tuple[Column, Cell], ...]:
    """Compose, per column, the function that reads a row's value as text."""
    return tuple((column, _text_of(column, reader)) for column in columns)


@lru_cache(maxsize=256)
def list_writers(columns: tuple[Column, ...], reader: Reader) -> tuple[tuple[bool, str, Cell], ...]:
    """Compose, per column, whether it opens the record, its classes, and the writer of its cell."""
    return tuple(_writer(column, index, reader) for index, column in enumerate(columns))


def _writer(column: Column, index: int, reader: Reader) -> tuple[bool, str, Cell]:
    classes = " ".join(
        part for part in (column.align, "" if index else "fixed", f"p-{column.role}") if part
    )
    say = _text_of(column, reader)
    if column.options:
        return column.opens, classes, _tag_writer(column, classes, say)
    if column.align == "right":

        def number(row: Mapping[str, Any]) -> str:
            text = say(row)
            minus = " minus" if text.startswith("-") else ""
            return f'<td class="{classes}{minus}">{escape(text)}</td>'

        return column.opens, classes, number
    return column.opens, classes, lambda row: f'<td class="{classes}">{escape(say(row))}</td>'


def _tag_writer(column: Column, classes: str, say: Cell) -> Cell:
    tones = {option.code: option.tone for option in column.options}
    get = value_getter(column.path)

    def write(row: Mapping[str, Any]) -> str:
        text = say(row)
        if not text:
            return f'<td class="{classes}"></td>'
        tone = tones.get(str(get(row)), "grey")
        return f'<td class="{classes}"><span class="tag {tone}">{escape(text)}</span></td>'

    return write


def _text_of(column: Column, reader: Reader) -> Cell:
    get = value_getter(column.path)
    options = {option.code: option.label for option in column.options}
    say = sayer(column.type, column.scale, options, reader, column.kind)
    if column.kind in ("link", "links"):
        expanded = value_getter(f"{column.path}.title")
        return lambda row: str(expanded(row) or "") or say(get(row))
    return lambda row: say(get(row))


def value_getter(path: str) -> Callable[[Mapping[str, Any]], Any]:
    """Return the function that reads the value at `path` of a row in its wire form: what stands
    behind a link is in the row's `expanded`.
    """
    *links, last = path.split(".")
    if not links:
        return lambda row: row.get(last)

    def get(row: Mapping[str, Any]) -> Any:
        here: Any = row
        for link in links:
            here = (here.get("expanded") or {}).get(link)
            if not isinstance(here, Mapping):
                return None
        return here.get(last)

    return get


def grid_rows(grid: GridModel, reader: Reader) -> Markup:
    """Write the lines of a grid for reading; the browser's element takes over from there."""
    says = [(column, _field_text(column, reader)) for column in grid.columns]
    written = []
    for number, row in enumerate(grid.rows, 1):
        cells = "".join(
            f'<td class="{column.align}{"" if index else " first"}">'
            f"{escape(say(row.values.get(column.name), row.titles.get(column.name)))}</td>"
            for index, (column, say) in enumerate(says)
        )
        written.append(f'<tr><th class="number" scope="row">{number}</th>{cells}</tr>')
    return Markup("".join(written))  # noqa: S704 -- every value in it was escaped


def field_texts(page: FormPage, reader: Reader) -> dict[str, str]:
    """Write the value of every header field as its input shows it."""
    return {
        name: _field_text(model, reader)(page.record.get(name), page.titles.get(name))
        for name, model in page.fields.items()
    }


def _field_text(model: FieldModel, reader: Reader) -> Callable[[Any, Any], str]:
    options = {option.code: option.label for option in model.options}
    say = sayer(model.type, model.scale, options, reader, model.kind)
    if model.widget in ("link", "links"):
        return lambda value, title: _joined(title) or say(value)
    return lambda value, title: say(value)


def _joined(title: Any) -> str:
    return "、".join(title) if isinstance(title, list) else str(title or "")


def json_text(value: object) -> bytes:
    """Write a page model as JSON."""
    return msgspec.json.encode(value, enc_hook=json.dumps)

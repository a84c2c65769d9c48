"""Table: the rows of a file as texts, wherever its headings stand and however it was written."""

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from dougong.exchange import problems
from dougong.exchange.decoding import decode
from dougong.exchange.workbook import MOST_CELLS, MOST_COLUMNS, read_workbook
from dougong.foundation.errors import refuse

MOST_BYTES = 64 * 1024 * 1024
MOST_UNPACKED = 512 * 1024 * 1024
MOST_TIMES = 200
"""How many times its size a workbook may unpack to."""
PREAMBLE = 100
DELIMITERS = (",", "\t", ";", "|")


@dataclass(frozen=True, slots=True)
class Table:
    """A table read from a file.

    `headings` are trimmed and made unique (`id`, `id (2)`); `rows` are texts as wide as the
    headings; `numbers[i]` is the line or sheet row that `rows[i]` came from, counting from 1.
    `ragged` maps a row's number to cells beyond the headings, which were left out.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    ragged: tuple[tuple[int, tuple[str, ...]], ...] = ()


def read_table(
    content: bytes,
    name: str,
    *,
    encoding: str = "",
    delimiter: str = "",
    sheet: str = "",
    wanted: Sequence[str] = (),
) -> Table:
    """Read CSV or a workbook; the content tells which, not the ending of `name`.

    `wanted` are headings a mapping names: the row that holds most of them is the heading row.
    Raises Refused: `exchange.not-a-table`, `exchange.too-large`, `exchange.no-headings`.
    """
    if len(content) > MOST_BYTES:
        raise refuse(
            problems.TOO_LARGE, what=f"{len(content):,} bytes", limit=f"{MOST_BYTES:,} bytes"
        )
    if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        cells, sheet, sheets = _read_workbook(content, sheet)
        return _build(cells, wanted, sheet=sheet, sheets=sheets)
    try:
        text, encoding = decode(content, encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise refuse(problems.NOT_A_TABLE, why=str(error)) from error
    delimiter = delimiter or _guess_delimiter(text)
    return _build(_read_csv(text, delimiter), wanted, encoding=encoding, delimiter=delimiter)


def _read_csv(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    # newline=None makes the old Mac's and Windows' line ends one; quoted ones become \n as well.
    lines = io.StringIO(text, newline=None)
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    cells: list[tuple[int, list[str]]] = []
    total, line = 0, 1
    try:
        for row in reader:
            total += len(row)
            if total > MOST_CELLS or len(row) > MOST_COLUMNS:
                raise refuse(
                    problems.TOO_LARGE, what=f"more than {total:,} cells", limit=f"{MOST_CELLS:,}"
                )
            cells.append((line, row))
            line = reader.line_num + 1
    except csv.Error as error:
        raise refuse(problems.NOT_A_TABLE, why=f"line {reader.line_num}: {error}") from error
    return cells


def _guess_delimiter(text: str) -> str:
    """Take the delimiter that cuts most of the first lines into the same number of cells."""
    sample = text[:100_000]
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        try:
            widths = [len(row) for _, row in _read_csv(sample, delimiter)[:PREAMBLE] if any(row)]
        except Exception:  # noqa: S112 -- a delimiter under which the text is no CSV loses
            continue
        wide = [width for width in widths if width > 1]
        if not wide:
            continue
        usual = max(set(wide), key=wide.count)
        score = wide.count(usual) / len(widths) * min(usual, 20)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _read_workbook(
    content: bytes, wanted: str
) -> tuple[list[tuple[int, list[str]]], str, tuple[str, ...]]:
    _refuse_bombs(content)
    rows, name, names = read_workbook(content, wanted)
    return list(enumerate(rows, 1)), name, names


def _refuse_bombs(content: bytes) -> None:
    if not content.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise refuse(problems.NOT_A_TABLE, why=str(error)) from error
    most = min(MOST_UNPACKED, MOST_TIMES * max(len(content), 50_000))
    if unpacked > most:
        raise refuse(problems.TOO_LARGE, what=f"{unpacked:,} bytes unpacked", limit=f"{most:,}")


def _build(
    cells: list[tuple[int, list[str]]],
    wanted: Sequence[str],
    *,
    encoding: str = "",
    delimiter: str = "",
    sheet: str = "",
    sheets: tuple[str, ...] = (),
) -> Table:
    filled = [(number, row) for number, row in cells if any(cell.strip() for cell in row)]
    at = _heading_row(filled, wanted)
    if at < 0:
        raise refuse(problems.NO_HEADINGS)
    headings = _name_headings(filled[at][1])
    width = len(headings)
    ragged = []
    rows, numbers = [], []
    for number, row in filled[at + 1 :]:
        beyond = tuple(cell for cell in row[width:] if cell.strip())
        if beyond:
            ragged.append((number, beyond))
        rows.append(tuple(trim(cell) for cell in row[:width]) + ("",) * (width - len(row)))
        numbers.append(number)
    return Table(
        headings, tuple(rows), tuple(numbers), encoding, delimiter, sheet, sheets, tuple(ragged)
    )


def trim(cell: str) -> str:
    """Take away blanks of every kind around a text (a workbook's non-breaking ones, 全角 ones)."""
    return cell.strip(" \t\r\n\v\f\u00a0\u3000\u200b\ufeff")


def _heading_row(filled: list[tuple[int, list[str]]], wanted: Sequence[str]) -> int:
    """Find the headings: the row with most `wanted` names; else, past any preamble, the first row
    that is about as wide as most rows and whose cells are words rather than figures.
    """
    if not filled:
        return -1
    head = filled[:PREAMBLE]
    if wanted:
        names = {fold(name) for name in wanted}
        hits = [sum(fold(cell) in names for cell in row) for _, row in head]
        if max(hits) > 0:
            return hits.index(max(hits))
    widths = [sum(bool(cell.strip()) for cell in row) for _, row in filled]
    # Notices before a table are many and narrow: a width counts by the cells it holds.
    usual = max(set(widths), key=lambda width: (width * widths.count(width), width))
    wide = [at for at in range(len(head)) if widths[at] >= usual * 0.6]
    for at in wide[:3]:
        words = [cell for cell in head[at][1] if cell.strip() and not _is_figure(cell)]
        if len(words) >= max(1, widths[at] * 0.5):
            return at
    return wide[0] if wide else 0


def fold(name: str) -> str:
    """Fold a heading for comparing: case, blanks, underscores and punctuation don't count."""
    return "".join(character for character in name.casefold() if character.isalnum())


def _is_figure(cell: str) -> bool:
    text = trim(cell)
    return bool(text) and not any(character.isalpha() for character in text)


def _name_headings(row: list[str]) -> tuple[str, ...]:
    cells = [" ".join(cell.split()) for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    seen: dict[str, int] = {}
    names = []
    for at, cell in enumerate(cells, 1):
        name = cell or f"#{at}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(names)

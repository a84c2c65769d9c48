"""How the texts of one column are read: numbers, dates, yes and no, choices, as people write them.

A column is looked at as a whole, since one value may be ambiguous (`02/01/2014`) while another
tells (`31/12/2012`). What a reader returns is what JSON would carry; the field's own checks follow.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from dougong.catalog.entity import Field
from dougong.catalog.process import ColumnSource

NUMBERS = frozenset({"integer", "decimal", "money", "quantity", "price", "percent", "rating"})
TRUE = frozenset({"1", "true", "yes", "y", "t", "x", "on", "是", "对", "真", "有", "√", "✓", "✔"})
FALSE = frozenset({"0", "false", "no", "n", "f", "off", "否", "错", "假", "无", "×", "✗"})
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"), ("feb", "february"), ("mar", "march"), ("apr", "april"),
            ("may",), ("jun", "june"), ("jul", "july"), ("aug", "august"),
            ("sep", "sept", "september"), ("oct", "october"), ("nov", "november"),
            ("dec", "december"),
        ),
        1,
    )
    for name in names
}  # fmt: skip

Reader = Callable[[str], object]


class Unreadable(Exception):  # noqa: N818 -- an answer about a cell
    """A cell does not fit its field; `ambiguous` when a date can be read in two ways."""

    def __init__(self, *, ambiguous: bool = False) -> None:
        self.ambiguous = ambiguous
        super().__init__()


def reader_for(
    field: Field, source: ColumnSource, cells: Iterable[str], *, zone: str = "UTC"
) -> Reader:
    """Return the function that reads the cells of this column; it raises Unreadable.

    Times without an offset are the clock of `zone`.

    Formula cells' safety marks (an apostrophe before `=`, `+`, `-`, `@`) are taken off again.
    """
    inner = _reader_of_type(field, source, cells, zone)
    wanted = source.values

    def read(cell: str) -> object:
        text = _unmark(cell)
        if wanted:
            text = wanted.get(text, wanted.get(text.casefold(), text))
        return inner(text) if text else None

    return read


def _unmark(cell: str) -> str:
    if len(cell) > 1 and cell[0] == "'" and cell[1] in "=+-@\t\r＝＋－＠":
        return cell[1:]
    return cell


def _reader_of_type(field: Field, source: ColumnSource, cells: Iterable[str], zone: str) -> Reader:
    if field.type in NUMBERS:
        comma = _decimal_comma(cells)
        return lambda text: _number(text, percent=field.type == "percent", comma=comma)
    if field.type == "date":
        day_first = _day_first(cells)
        return lambda text: _moment(text, source.format, day_first=day_first).date().isoformat()
    if field.type == "datetime":
        day_first = _day_first(cells)
        return lambda text: _placed(_moment(text, source.format, day_first=day_first), zone)
    if field.type == "boolean":
        return _boolean
    if field.type == "choice":
        return _choice(field)
    if field.type == "json":
        return _json
    return lambda text: text


def _json(text: str) -> object:
    """What is no JSON is a text."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text


def _number(text: str, *, percent: bool, comma: bool) -> str:
    plain = unicodedata.normalize("NFKC", text).replace(" ", "").replace("'", "")
    negative = plain.startswith("(") and plain.endswith(")")
    plain = re.sub(r"^[^\d.,()+-]{1,4}(?=[\d.,+-])", "", plain.strip("()"))
    shifted = plain.endswith("%")
    plain = re.sub(r"(?<=\d)[^\d.,]{1,3}$", "", plain) if not shifted else plain[:-1]
    if comma:
        plain = plain.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"[+-]?\d{1,3}(,\d{2,4})*(\.\d*)?|[+-]?\d+(\.\d*)?|[+-]?\.\d+", plain):
        plain = plain.replace(",", "")
    exponent = re.fullmatch(r"([+-]?\d+(?:\.\d+)?)[eE]([+-]?\d{1,2})", plain)
    if exponent:
        plain = _shift(exponent[1], int(exponent[2]))
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)", plain):
        raise Unreadable
    if shifted:
        if not percent:
            raise Unreadable
        plain = _shift(plain, -2)
    return f"-{plain}" if negative and not plain.startswith("-") else plain


def _shift(number: str, places: int) -> str:
    """Move the decimal point of a plain number; `_shift("13", -2)` is 0.13."""
    sign, body = (number[0], number[1:]) if number[0] in "+-" else ("", number)
    whole, _, part = body.partition(".")
    digits, point = whole + part, len(whole) + places
    if point <= 0:
        digits, point = "0" * (1 - point) + digits, 1
    digits = digits.ljust(point, "0")
    return f"{sign}{digits[:point]}.{digits[point:]}".rstrip(".")


def _decimal_comma(cells: Iterable[str]) -> bool:
    """Tell whether a column writes 1.234,50: some value can only be read so and none the other way."""
    comma = point = False
    for cell in cells:
        text = cell.strip().rstrip("%").strip()
        comma |= bool(
            re.fullmatch(
                r"-?\d{1,3}(\.\d{3})+,\d+|-?\d+,(\d{1,2}|\d{4,})|-?\d{1,3}(\.\d{3}){2,}", text
            )
        )
        point |= bool(
            re.fullmatch(
                r"-?\d{1,3}(,\d{3})+\.\d+|-?\d+\.(\d{1,2}|\d{4,})|-?\d{1,3}(,\d{3}){2,}", text
            )
        )
    return comma and not point


def _boolean(text: str) -> bool:
    folded = text.casefold()
    if folded in TRUE:
        return True
    if folded in FALSE:
        return False
    raise Unreadable


def _choice(field: Field) -> Reader:
    if not field.options:
        return lambda text: text
    known: dict[str, str] = {}
    for option in field.options:
        known |= {said.casefold(): option.code for _, said in option.label.items()}
    known |= {option.key.casefold(): option.code for option in field.options}
    known |= {option.code.casefold(): option.code for option in field.options}

    def read(text: str) -> object:
        try:
            return known[text.casefold()]
        except KeyError:
            raise Unreadable from None

    return read


_ISO = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
    r"(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?"
)
_PACKED = re.compile(r"(\d{4})(\d{2})(\d{2})")
_PARTS = re.compile(
    r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{2}|\d{4})(?:\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?"
)
_NAMED = re.compile(
    r"(\d{1,2})[\s-]+([A-Za-z]{3,9})\.?[\s,-]+(\d{4})|([A-Za-z]{3,9})\.?\s+(\d{1,2}),?\s+(\d{4})"
)


def _moment(text: str, pattern: str, *, day_first: bool | None) -> datetime:
    plain = unicodedata.normalize("NFKC", text).strip()
    try:
        if pattern:
            return datetime.strptime(plain, _directives(pattern))  # noqa: DTZ007 -- civil time
        if match := _ISO.fullmatch(plain):
            return _from_iso(match)
        if match := _PACKED.fullmatch(plain):
            return datetime.combine(date(*map(int, match.groups())), datetime.min.time())
        if match := _NAMED.fullmatch(plain):
            day, name, year = match.group(1, 2, 3) if match[1] else match.group(5, 4, 6)
            return datetime.fromisoformat(f"{year}-{MONTHS[name.casefold()]:02}-{int(day):02}")
        if match := _PARTS.fullmatch(plain):
            return _from_parts(match, day_first=day_first)
    except (ValueError, KeyError) as error:
        raise Unreadable from error
    raise Unreadable


def _placed(moment: datetime, zone: str) -> str:
    """Write a moment with its offset; one without is read off the clock of `zone`."""
    placed = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
    return placed.isoformat()


def _from_iso(match: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second, part, zone = match.groups()
    clock = f"T{int(hour or 0):02}:{minute or '00'}:{second or '00'}.{(part or '0').ljust(6, '0')}"
    return datetime.fromisoformat(f"{year}-{int(month):02}-{int(day):02}{clock}{zone or ''}")


def _from_parts(match: re.Match[str], *, day_first: bool | None) -> datetime:
    first, second, year = int(match[1]), int(match[2]), match[3]
    if day_first is None and first != second:
        raise Unreadable(ambiguous=True)
    day, month = (first, second) if day_first or day_first is None else (second, first)
    full = int(year) + (2000 if int(year) < 70 else 1900) if len(year) == 2 else int(year)
    clock = f"T{int(match[4] or 0):02}:{match[5] or '00'}:{match[6] or '00'}"
    return datetime.fromisoformat(f"{full:04}-{month:02}-{day:02}{clock}")


def _day_first(cells: Iterable[str]) -> bool | None:
    """Tell from the whole column whether 02/01/2014 begins with the day; None when nothing tells."""
    day = month = False
    for cell in cells:
        if match := _PARTS.fullmatch(cell.strip()):
            day |= int(match[1]) > 12
            month |= int(match[2]) > 12
    return None if day == month else day


_DIRECTIVES = (
    ("yyyy", "%Y"), ("yy", "%y"), ("MM", "%m"), ("dd", "%d"), ("HH", "%H"), ("mm", "%M"),
    ("SSS", "%f"), ("ss", "%S"), ("M", "%m"), ("d", "%d"),
)  # fmt: skip


def _directives(pattern: str) -> str:
    """Turn `dd/MM/yyyy` into what strptime reads; other characters stand for themselves."""
    out, at = [], 0
    while at < len(pattern):
        for letters, directive in _DIRECTIVES:
            if pattern.startswith(letters, at):
                out.append(directive)
                at += len(letters)
                break
        else:
            out.append("%%" if pattern[at] == "%" else pattern[at])
            at += 1
    return "".join(out)

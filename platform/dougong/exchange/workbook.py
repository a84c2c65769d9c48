"""Workbooks, read in a process of their own with bounded memory.

A workbook of a kilobyte may claim a cell in its last row and column; the reader then asks for the
whole rectangle at once, and a process that can't get memory ends there and then. That must not be
the server. The child is this module run as a program: it takes the file on its standard input and
answers with one marshalled value.
"""

import io
import marshal
import subprocess
import sys
from datetime import date, datetime, time, timedelta
from importlib.util import find_spec
from typing import Any

from dougong.exchange import problems
from dougong.foundation.errors import refuse

MOST_CELLS = 12_000_000
MOST_COLUMNS = 2_000
MOST_MEMORY = 2 << 30
"""Bytes of address space the child may take."""
SECONDS = 120

Rows = list[list[str]]


def read_workbook(content: bytes, wanted: str) -> tuple[Rows, str, tuple[str, ...]]:
    """Return the cells as text, the sheet they are of, and the names of all sheets.

    `wanted` names the sheet; "" takes the first that holds anything. Raises Refused:
    `exchange.not-a-table`, `exchange.too-large`, `exchange.no-sheet`, `exchange.extra-missing`.
    """
    if find_spec("python_calamine") is None:
        raise refuse(problems.EXTRA_MISSING)
    command = [sys.executable, "-m", "dougong.exchange.workbook", wanted]
    try:
        child = subprocess.run(command, input=content, capture_output=True, timeout=SECONDS)  # noqa: S603, PLW1510 -- our own module; its code is looked at
    except subprocess.TimeoutExpired as error:
        raise refuse(problems.TOO_LARGE, what=f"> {SECONDS} s", limit=f"{SECONDS} s") from error
    if child.returncode > 0:
        raise refuse(problems.NOT_A_TABLE, why=child.stderr.decode(errors="replace")[-200:])
    if child.returncode:
        raise refuse(
            problems.TOO_LARGE,
            what=f"> {MOST_MEMORY >> 20:,} MiB",
            limit=f"{MOST_CELLS:,} cells",
        )
    kind, *told = marshal.loads(child.stdout)  # noqa: S302 -- written by our own child
    match kind:
        case "rows":
            rows, name, names = told
            return rows, name, tuple(names)
        case "no-sheet":
            raise refuse(problems.NO_SHEET, sheet=wanted, sheets=", ".join(told[0]))
        case "large":
            height, width = told
            raise refuse(
                problems.TOO_LARGE, what=f"{height:,} × {width:,} cells", limit=f"{MOST_CELLS:,}"
            )
        case _:
            raise refuse(problems.NOT_A_TABLE, why=told[0])


def _read(content: bytes, wanted: str) -> tuple[Any, ...]:
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 -- an extra

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = list(book.sheet_names)
        if wanted and wanted not in names:
            return "no-sheet", names
        name = wanted or next((n for n in names if book.get_sheet_by_name(n).height), names[0])
        sheet = book.get_sheet_by_name(name)
        if sheet.width * sheet.height > MOST_CELLS or sheet.width > MOST_COLUMNS:
            return "large", sheet.height, sheet.width
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, IndexError, OSError, ValueError) as error:
        return "bad", str(error)
    return "rows", [[_cell_text(value) for value in row] for row in rows], name, names


def _cell_text(value: Any) -> str:
    """Say a workbook's cell as text. A workbook keeps numbers in binary; what its user saw and
    meant are at most 15 significant digits, so those are taken.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.15g}" if abs(value) < 1e15 else f"{value:.0f}"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ") if value.time() != time() else value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def _bound_memory() -> None:
    """Take no more memory than `MOST_MEMORY`, where the system can hold us to it."""
    try:
        import resource  # noqa: PLC0415 -- not on every system
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Answer for one workbook."""
    _bound_memory()
    try:
        told = _read(sys.stdin.buffer.read(), sys.argv[1])
    except MemoryError:
        sys.exit("more memory than a workbook may take")
    sys.stdout.buffer.write(marshal.dumps(told))


if __name__ == "__main__":
    main()

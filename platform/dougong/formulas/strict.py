"""Python expressions that are null when a part is null, written with one test in front.

`round(qty * price, 2)` becomes `(None if qty is None or price is None else …)` rather than a test
in every step: it is as fast as written by hand, and reads well in a traceback.
"""

import re
from itertools import count
from typing import NamedTuple

_SIMPLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?")


class Code(NamedTuple):
    """A Python expression. It holds a value provided that no expression in `tests` is None; they
    are tried in this order and may bind names that `text` uses.
    """

    text: str
    tests: tuple[str, ...] = ()


class Strict:
    """Writes expressions over parts; one per formula, since it hands out `T1`, `T2` and so on."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def maybe(self, text: str) -> Code:
        """An expression that may be None."""
        if _SIMPLE.fullmatch(text):
            return Code(text, (text,))
        name = f"T{next(self._numbers)}"
        return Code(name, (f"({name} := {text})",))

    def again(self, text: str) -> tuple[str, str]:
        """An expression used twice: how to write it first, and then."""
        if _SIMPLE.fullmatch(text):
            return text, text
        name = f"T{next(self._numbers)}"
        return f"({name} := {text})", name


def join(form: str, *parts: Code) -> Code:
    """Fill `{}`s with parts; the whole is None where a part is."""
    tests = dict.fromkeys(test for part in parts for test in part.tests)
    return Code(form.format(*(part.text for part in parts)), tuple(tests))


def settled(code: Code) -> str:
    """The expression with its tests: a value or None."""
    if not code.tests:
        return code.text
    if code.tests == (code.text,):
        return code.text
    if len(code.tests) == 1 and code.tests[0].startswith(f"({code.text} := "):
        return code.tests[0].removeprefix(f"({code.text} := ")[:-1]
    tests = " or ".join(f"{test} is None" for test in code.tests)
    return f"(None if {tests} else {code.text})"


def holds(code: Code) -> str:
    """A condition that is false where a part is None."""
    if not code.tests:
        return code.text
    return "(" + " and ".join((*(f"{test} is not None" for test in code.tests), code.text)) + ")"

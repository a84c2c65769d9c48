"""Loads hooks.py of a module or plugin by path and checks it against what was declared."""

import ast
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from dougong.catalog.process import Function
from dougong.foundation.errors import Place, Problem, Refused
from dougong.hooks.points import short_name, signature_of
from dougong.hooks.problems import (
    CANNOT_LOAD,
    FOREIGN_IMPORT,
    NO_FILE,
    NO_FUNCTION,
    WRONG_SIGNATURE,
)

FILE: Final = "hooks.py"
_ALLOWED: Final = "dougong.api"


def load_functions(
    folder: Path, module: str, declared: Iterable[Function]
) -> Mapping[str, Callable[..., Any]]:
    """Return the functions of a module that are written in code, by id.

    `declared` are the module's functions; those with a formula are passed over, and without any in
    code no file is read. The module is loaded as `dougong_hooks.<module>`, anew at every call. Raises
    Refused with everything that is wrong.
    """
    wanted = [function for function in declared if function.code]
    if not wanted:
        return {}
    file = folder / FILE
    if not file.is_file():
        names = ", ".join(function.id for function in wanted)
        values = {"module": module, "functions": names}
        raise Refused([Problem(NO_FILE, wanted[0].place, values)])
    problems = list(_foreign_imports(file))
    if problems:
        raise Refused(problems)
    loaded = _load(file, module)
    for function in wanted:
        problems.extend(_check(loaded, function, file))
    if problems:
        raise Refused(problems)
    return {function.id: getattr(loaded, short_name(function)) for function in wanted}


def _load(file: Path, module: str) -> ModuleType:
    name = f"dougong_hooks.{module}"
    spec = spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise Refused([_unloadable(file, "no loader", 0)])
    loaded = module_from_spec(spec)
    sys.modules[name] = loaded
    try:
        spec.loader.exec_module(loaded)
    except Exception as error:
        del sys.modules[name]
        raise Refused(
            [_unloadable(file, f"{type(error).__name__}: {error}", _line_in(file, error))]
        ) from error
    return loaded


def _unloadable(file: Path, why: str, line: int) -> Problem:
    return Problem(
        CANNOT_LOAD, Place(str(file), line, 1 if line else 0), {"file": FILE, "why": why}
    )


def _line_in(file: Path, error: Exception) -> int:
    """The last line of the file that the error went through."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(file):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _foreign_imports(file: Path) -> Iterator[Problem]:
    """Imports of ours beside the one door, wherever they stand."""
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"), str(file))
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", 0) or 0
        yield _unloadable(file, str(error), line)
        return
    for node in ast.walk(tree):
        for name in _names(node):
            if name.startswith(".") or (name.partition(".")[0] == "dougong" and name != _ALLOWED):
                line = getattr(node, "lineno", 0)
                place = Place(str(file), line, getattr(node, "col_offset", 0) + 1)
                yield Problem(FOREIGN_IMPORT, place, {"file": FILE, "name": name})


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        if module == "dougong":
            yield from (f"dougong.{alias.name}" for alias in node.names)
        else:
            yield module


def _check(loaded: ModuleType, function: Function, file: Path) -> Iterator[Problem]:
    name, signature = short_name(function), signature_of(function)
    found = getattr(loaded, name, None)
    if not inspect.isfunction(found):
        values = {"file": FILE, "name": name, "signature": signature}
        yield Problem(NO_FUNCTION, Place(str(file)), values)
        return
    real = inspect.signature(found)
    parameters = list(real.parameters.values())
    first = parameters[0] if parameters else None
    others = parameters[1:]
    fits = (
        first is not None
        and first.kind in (first.POSITIONAL_ONLY, first.POSITIONAL_OR_KEYWORD)
        and [one.name for one in others if one.kind is one.KEYWORD_ONLY] == list(function.arguments)
        and len(others) == len(function.arguments)
        and all(one.default is not one.empty for one in others if one.name in function.optional)
    )
    if not fits:
        values = {"name": name, "found": str(real), "signature": signature}
        place = Place(str(file), found.__code__.co_firstlineno, 1)
        yield Problem(WRONG_SIGNATURE, place, values)

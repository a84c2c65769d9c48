"""Turns generated text into functions that a traceback and a debugger can show."""

import linecache
from collections.abc import Mapping
from types import CodeType
from typing import Any


def compiled(name: str, text: str, names: Mapping[str, Any]) -> dict[str, Any]:
    """Run generated source and return what it defines.

    `name` is shown in tracebacks as `<dougong:name>`; `names` are what the text may use. The text is
    made of declared identifiers and checked formulas only.
    """
    file = f"<dougong:{name}>"
    code: CodeType = compile(text, file, "exec")
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    space: dict[str, Any] = dict(names)
    exec(code, space)  # noqa: S102 -- declared identifiers and checked formulas only
    return space

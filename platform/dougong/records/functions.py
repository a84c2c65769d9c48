"""Functions of modules, called by formulas: their bodies are code that reads through a door."""

from collections.abc import Mapping
from typing import Any

from dougong.fields.field_type import BadValue
from dougong.records.problems import FUNCTION_FAILED
from dougong.records.work import Work


def call_function(work: Work, function: str, arguments: Mapping[str, Any]) -> Any:
    """Call a function of a module with its arguments by name.

    Raises BadValue when there is no such function here or its code fails.
    """
    raise BadValue(FUNCTION_FAILED, why=function)

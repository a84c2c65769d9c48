"""The one door for hooks.py of modules and plugins; all else is private.

A hook reads through the `Door` it is handed and returns a value; it sees no connection, no context
and no clock. The exact arithmetic of formulas is here too, so that a price computed in code and one
computed by a formula never differ.
"""

from dougong.formulas.exact import add_days, add_months, divide, mean, round_to, total
from dougong.hooks.points import Door

__all__ = ["Door", "add_days", "add_months", "divide", "mean", "round_to", "total"]

"""Every point where code may join in; nothing else is a hook."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from dougong.catalog.process import Function
from dougong.foundation.translate import Label


class Door(Protocol):
    """What a hook may do: read, through the rights of the platform, never write or reach further."""

    def rows(
        self, entity: str, *, where: Mapping[str, Any], fields: Sequence[str]
    ) -> list[dict[str, Any]]:
        """Return the records whose fields have the values of `where`, with the `fields` asked for.

        Only entities that the function's `reads` names. Values are plain: Decimal, str, bool, date,
        datetime, None; a link is an id (int).
        """
        ...


@dataclass(frozen=True, slots=True)
class Point:
    """A hook point: when it is called, how a function there is written, and an example."""

    name: str
    moment: Label
    signature: str
    example: str


FUNCTION: Final = Point(
    "function",
    Label.of(
        {
            "zh": "公式调用 code: true 的函数时",
            "en": "when a formula calls a function declared with code: true",
        }
    ),
    "def {name}(door, *, {arguments})",
    """
def price_of(door, *, item, customer, qty, date, currency):
    rows = door.rows("master_data.item", where={"id": item}, fields=["price"])
    return rows[0]["price"] if rows else None
""",
)
POINTS: Final = (FUNCTION,)


def short_name(function: Function) -> str:
    """The name in hooks.py: `sales.price_of` is price_of."""
    return function.id.rpartition(".")[2]


def signature_of(function: Function) -> str:
    """How the function must be written; what may be left out has a default of None."""
    arguments = ", ".join(
        f"{name}=None" if name in function.optional else name for name in function.arguments
    )
    name = short_name(function)
    if not arguments:
        return f"def {name}(door)"
    return FUNCTION.signature.format(name=name, arguments=arguments)

"""The table of field types; adding a type is adding it to its family's file."""

from collections.abc import Mapping
from types import MappingProxyType

from dougong.fields.choices import CHOICES
from dougong.fields.dates import DATES
from dougong.fields.documents import DOCUMENTS
from dougong.fields.field_type import FieldType, Shape
from dougong.fields.links import LINKS
from dougong.fields.numbers import NUMBERS, DecimalType, IntegerType
from dougong.fields.text import TEXTS

FIELD_TYPES: Mapping[str, FieldType] = MappingProxyType(
    {one.name: one for one in (*TEXTS, *NUMBERS, *CHOICES, *DATES, *LINKS, *DOCUMENTS)}
)


def field_type(name: str) -> FieldType:
    """Return the field type called `name`. Raises KeyError for an unknown one."""
    return FIELD_TYPES[name]


def scale_of(shape: Shape) -> int:
    """Return the decimals of a number field, 0 for everything else."""
    known = FIELD_TYPES[shape.type]
    return known.scale_of(shape) if isinstance(known, (DecimalType, IntegerType)) else 0

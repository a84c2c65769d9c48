"""Columns as one reader sees them: every link goes through the access of the entity it points to."""

from dougong.access.column_text import Columns
from dougong.access.decide import access
from dougong.catalog.catalog import Catalog
from dougong.fields.field_type import Dialect
from dougong.formulas.sql_pieces import Piece


def reader_columns(catalog: Catalog, roles: frozenset[str], dialect: Dialect) -> Columns:
    """Return the maker of columns whose links reach only the records that `roles` may read."""

    def narrow(entity_id: str, alias: str) -> Piece | None:
        rule = access(catalog, roles, entity_id, dialect).rows("read", alias)
        return None if rule is None else Piece(rule.text, rule.params)

    return Columns(catalog, dialect, narrow)

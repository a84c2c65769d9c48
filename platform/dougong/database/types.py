"""The column types of each kind of value, on both databases."""

from typing import Final

TYPES: Final[dict[str, dict[str, str]]] = {
    "text": {"sqlite": "TEXT", "postgresql": 'TEXT COLLATE "C"'},
    "entity": {"sqlite": "TEXT", "postgresql": 'TEXT COLLATE "C"'},
    "integer": {"sqlite": "INTEGER", "postgresql": "BIGINT"},
    "link": {"sqlite": "INTEGER", "postgresql": "BIGINT"},
    "boolean": {"sqlite": "INTEGER", "postgresql": "BOOLEAN"},
    "date": {"sqlite": "TEXT", "postgresql": "DATE"},
    "time": {"sqlite": "TEXT", "postgresql": "TIME"},
    "datetime": {"sqlite": "TEXT", "postgresql": "TIMESTAMP WITH TIME ZONE"},
    "links": {"sqlite": "TEXT", "postgresql": "BIGINT[]"},
    "json": {"sqlite": "TEXT", "postgresql": "JSONB"},
    "bytes": {"sqlite": "BLOB", "postgresql": "BYTEA"},
    "words": {"sqlite": "TEXT", "postgresql": "TSVECTOR"},
}
"""Whole types; a `number` has its scale and comes from its field type."""

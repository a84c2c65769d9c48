"""What an apply has to do to rows: fill new columns by formula, make sort keys and search words."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from msgspec import UNSET

from dougong.catalog.catalog import Catalog
from dougong.database.connect import Connection
from dougong.database.tables import Table
from dougong.fields.words import sort_key, sort_name
from dougong.generated.code import EntityCode, TableCode
from dougong.records import search_index
from dougong.records.environment import Environment
from dougong.records.linked import Linked
from dougong.records.loading import load_many
from dougong.records.work import Work
from dougong.tenants.columns import marked

CHUNK: Final = 500


class RowTasks:
    """The tasks of one apply. `work_of` opens a work with every right in the apply's transaction.

    Sort keys and words wait for `finish`, when all tables are as the catalog means them.
    """

    def __init__(self, work_of: Callable[[Connection], Work]) -> None:
        self._work_of = work_of
        self._waiting: list[tuple[str, tuple[str, ...]]] = []

    def compute(self, connection: Connection, table: Table, column: str) -> None:
        """Give the empty cells of a column what its default or formula makes of the record.

        A value that cannot be made stays empty; where one is required, the apply refuses then.
        """
        work = self._work_of(connection)
        code = work.code(table.entity)
        part = code.lines[table.lines] if table.lines else code.header
        field = next(name for name, each in part.shape.fields.items() if each.column == column)
        sql = marked(connection, f'update @."{table.name}" set "{column}" = ? where id = ?')  # noqa: S608
        for ids in _chunks(_lacking(connection, table, column)):
            cells = list(_computed(work, code, part, field, ids))
            if cells:
                connection.change_many(sql, cells)

    def reindex(self, connection: Connection, table: Table, columns: Sequence[str]) -> None:
        """Note what is to be made anew when all tables stand."""
        del connection
        self._waiting.append((table.entity, tuple(columns)))

    def finish(self, connection: Connection) -> None:
        """Make the sort keys and search words that were asked for."""
        work = self._work_of(connection)
        for entity, columns in self._waiting:
            if entity in work.catalog.entities:
                index_entity(work, entity, columns)
        self._waiting.clear()


def index_entity(work: Work, entity_id: str, sorts: Sequence[str] = ()) -> None:
    """Make the search words of all records of an entity anew, and the sort keys in `sorts`."""
    entity = work.catalog.entities[entity_id]
    table = entity.table
    ids = [int(id_) for (id_,) in work.connection.run(f'select id from @."{table}" order by id')]  # noqa: S608
    for field in entity.fields.values():
        if field.column and sort_name(field.column) in sorts:
            _sort(work.connection, table, field.column)
    for chunk in _chunks(ids):
        search_index.index_records(work, entity_id, list(chunk))


def index_all(work: Work) -> None:
    """Make the search words of every record of the tenant anew."""
    for entity in work.catalog.entities.values():
        if entity.stored and entity.search:
            index_entity(work, entity.id)


def catalog_before(connection: Connection, of: Callable[[bytes], Catalog]) -> Catalog | None:
    """Return the catalog that taking back the last apply leads to; None when there is none."""
    rows = connection.run(
        'select l.sources from @."dougong_journal" j join @."dougong_lock" l on l.id = j.before'
        " where j.act = 'apply' and not j.undone order by j.id desc limit 1"
    )
    return of(bytes(rows[0][0])) if rows else None


def _sort(connection: Connection, table: str, source: str) -> None:
    column = sort_name(source)
    rows = connection.run(f'select id, "{source}" from @."{table}" where "{source}" is not null')  # noqa: S608
    sql = marked(connection, f'update @."{table}" set "{column}" = ? where id = ?')  # noqa: S608
    for chunk in _chunks([(sort_key(text), id_) for id_, text in rows]):
        connection.change_many(sql, chunk)


def _lacking(connection: Connection, table: Table, column: str) -> list[int]:
    """Return the headers that have an empty cell there, in themselves or in a line."""
    key = "parent" if table.lines else "id"
    rows = connection.run(f'select distinct {key} from @."{table.name}" where "{column}" is null')  # noqa: S608
    return sorted(int(id_) for (id_,) in rows)


def _computed(
    work: Work, code: EntityCode, part: TableCode, field: str, ids: Sequence[int]
) -> Iterator[tuple[Any, int]]:
    """Compute records with the field unset; give (value as stored, id of the row) where it was empty."""
    name = f"f_{field}"
    for record in load_many(work, code, ids):
        lines = part.shape.name
        rows = getattr(record, f"l_{lines}") if lines else [record]
        empty = [row for row in rows if getattr(row, name) is None]
        for row in empty:
            setattr(row, name, UNSET)
        code.compute(record, Environment(work), Linked(work, code), _stays_empty)
        for row in empty:
            value = getattr(row, name)
            if value is not None and value is not UNSET:
                yield part.values[field](row), row.id


def _stays_empty(path: str, error: Exception) -> None:
    """A value that does not fit its field is left empty."""


def _chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for at in range(0, len(values), CHUNK):
        yield values[at : at + CHUNK]

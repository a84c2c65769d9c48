"""Counts for the planner, asked of the real tables."""

from dougong.database.convert import misfit
from dougong.database.port import Connection
from dougong.database.tables import Column, quote


class Measured:
    """The planner's questions answered by the database. Runs inside a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: dict[str, int] = {}

    def _number(self, sql: str) -> int:
        return int(self._connection.run(sql)[0][0])

    def rows(self, table: str) -> int:
        """How many rows the table has; asked once."""
        if table not in self._rows:
            self._rows[table] = self._number(f"select count(*) from @.{quote(table)}")  # noqa: S608 -- our names
        return self._rows[table]

    def filled(self, table: str, column: str) -> int:
        """How many rows have a value there."""
        if not self.rows(table):
            return 0
        return self._number(f"select count({quote(column)}) from @.{quote(table)}")  # noqa: S608 -- our names

    def misfits(self, table: str, before: Column, after: Column) -> int:
        """How many values the new type can't hold exactly."""
        condition = misfit(before, after, self._connection.dialect)
        if not condition:
            return 0
        return self._number(f"select count(*) from @.{quote(table)} where {condition}")  # noqa: S608 -- our names

    def alike(self, table: str, columns: tuple[str, ...]) -> int:
        """How many values, empty ones apart, occur more than once."""
        names = ", ".join(quote(name) for name in columns)
        filled = " and ".join(f"{quote(name)} is not null" for name in columns)
        return self._number(
            f"select count(*) from (select 1 from @.{quote(table)} where {filled}"  # noqa: S608 -- our names
            f" group by {names} having count(*) > 1) as alike"
        )

    def dangling(self, table: str, column: str, target: str) -> int:
        """How many rows point to nothing."""
        name = quote(column)
        return self._number(
            f"select count(*) from @.{quote(table)} as one where one.{name} is not null"  # noqa: S608 -- our names
            f" and not exists (select 1 from @.{quote(target)} as other where other.id = one.{name})"
        )

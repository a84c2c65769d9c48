"""What a planner may ask of the data before it plans."""

from typing import Final, Protocol

from dougong.database.tables import Column


class Counts(Protocol):
    """What the planner asks of the data; names are those of the state planned from."""

    def rows(self, table: str) -> int:
        """How many rows the table has."""
        ...

    def filled(self, table: str, column: str) -> int:
        """How many rows have a value there."""
        ...

    def misfits(self, table: str, before: Column, after: Column) -> int:
        """How many values the new type can't hold exactly."""
        ...

    def alike(self, table: str, columns: tuple[str, ...]) -> int:
        """How many values, empty ones apart, occur more than once."""
        ...

    def dangling(self, table: str, column: str, target: str) -> int:
        """How many rows point to nothing."""
        ...


class NoRows:
    """The counts of a database without a row."""

    def rows(self, table: str) -> int:
        """None."""
        return 0

    def filled(self, table: str, column: str) -> int:
        """None."""
        return 0

    def misfits(self, table: str, before: Column, after: Column) -> int:
        """None."""
        return 0

    def alike(self, table: str, columns: tuple[str, ...]) -> int:
        """None."""
        return 0

    def dangling(self, table: str, column: str, target: str) -> int:
        """None."""
        return 0


NO_ROWS: Final = NoRows()

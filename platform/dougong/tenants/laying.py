"""Laying a tenant: its tables and the data that comes along, in a place that is empty."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dougong.catalog.catalog import Catalog
from dougong.catalog.source import SourceSet
from dougong.database.apply import By
from dougong.database.connect import Connection
from dougong.database.plan import plan
from dougong.database.state import state_of
from dougong.database.tables import NOTHING
from dougong.tenants.install import carry_out


@dataclass(frozen=True, slots=True)
class Laying:
    """What a new tenant is laid from: sources, their catalog, its own files, its language."""

    sources: tuple[SourceSet, ...]
    catalog: Catalog
    files: Mapping[str, str]
    language: str
    now: datetime

    def lay(self, connection: Connection, tenant: str) -> None:
        """Make the tables of an empty place and seed the data that comes along."""
        carry_out(
            connection, plan(NOTHING, state_of(self.catalog)), self.catalog, self.sources,
            by=By(now=self.now, login="dougong", why="create"), tenant=tenant,
            language=self.language, before=None,
        )  # fmt: skip

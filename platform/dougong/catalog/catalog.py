"""Catalog: the compiled whole; look-ups only, with a fingerprint."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dougong.catalog.entity import Entity
from dougong.catalog.override import Override
from dougong.catalog.process import (
    DataSet,
    Function,
    Guard,
    ImportMapping,
    Role,
    Scenario,
    Sequence,
)
from dougong.catalog.screen import Form, ListView, Menu
from dougong.foundation.translate import Label


@dataclass(frozen=True, slots=True)
class Module:
    """An installed module or plugin."""

    id: str
    label: Label
    version: str
    summary: Label
    needs: Mapping[str, str]
    kind: str = "module"
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything a tenant's metadata means. Two tenants with the same metadata share one.

    Settings are in `entities` too (their `kind` is "setting"). `fingerprint` is the SHA-256 of the
    merged declarations. Every declared entity has a form and a list under its own id, made from the
    entity where none is declared. `overrides` is what became of every property a layer changed.
    """

    modules: Mapping[str, Module]
    entities: Mapping[str, Entity]
    forms: Mapping[str, Form]
    lists: Mapping[str, ListView]
    menus: Mapping[str, Menu]
    roles: Mapping[str, Role]
    guards: Mapping[str, Guard]
    sequences: Mapping[str, Sequence]
    functions: Mapping[str, Function]
    data: Mapping[str, DataSet]
    scenarios: Mapping[str, Scenario] = field(default_factory=dict)
    imports: Mapping[str, ImportMapping] = field(default_factory=dict)
    texts: Mapping[str, Label] = field(default_factory=dict)
    overrides: tuple[Override, ...] = ()
    fingerprint: str = ""

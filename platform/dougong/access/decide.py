"""The one access function: what these roles may do with this entity, its rows and its fields."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from dougong.access import rows
from dougong.access.column_text import Columns
from dougong.access.grants import (
    FieldRights,
    Held,
    action_condition,
    condition,
    field_rights,
    held_grants,
    standing_guards,
)
from dougong.access.problems import (
    ACTION_DENIED,
    ENTITY_UNKNOWN,
    FIELD_HIDDEN,
    RIGHT_DENIED,
    VIEW_WITHOUT_DOOR,
)
from dougong.access.recent import Recent
from dougong.access.rows import RowRule
from dougong.catalog.catalog import Catalog
from dougong.catalog.entity import Entity
from dougong.catalog.process import RIGHTS, Grant, Guard
from dougong.fields.field_type import Dialect
from dougong.formulas.sql_pieces import Piece
from dougong.formulas.tree import Formula
from dougong.foundation.errors import refuse
from dougong.foundation.translate import Label

KEPT = 8_192
"""How many decisions are kept in memory (a few KB each)."""

_CHANGING = frozenset({"create", "update", "delete", "import"})
_NEEDS_READ = frozenset(RIGHTS) - {"read", "create", "import"}
RIGHT_LABELS = {
    "read": Label.of({"zh": "查看", "en": "read"}),
    "create": Label.of({"zh": "新增", "en": "create"}),
    "update": Label.of({"zh": "修改", "en": "change"}),
    "delete": Label.of({"zh": "删除", "en": "delete"}),
    "act": Label.of({"zh": "操作", "en": "act on"}),
    "export": Label.of({"zh": "导出", "en": "export"}),
    "import": Label.of({"zh": "导入", "en": "import"}),
    "print": Label.of({"zh": "打印", "en": "print"}),
    "mail": Label.of({"zh": "邮件发送", "en": "mail"}),
    "share": Label.of({"zh": "共享", "en": "share"}),
    "report": Label.of({"zh": "报表", "en": "report on"}),
}


@dataclass(frozen=True, slots=True)
class EntityAccess:
    """What a set of roles may do with one entity. Roles are OR, guards are AND.

    `hidden` and `read_only` are field paths (`total`, `items.cost`, `items` for a whole set of
    lines); `update_fields` are the paths a change may touch, empty for every one not `read_only`.
    Every right but read, create and import also needs the row to be readable. The rules of create
    and import hold for the row as it stands after it was written.
    """

    catalog: Catalog
    roles: frozenset[str]
    entity: Entity
    dialect: Dialect
    held: tuple[Held, ...]
    guards: tuple[Guard, ...]
    rights: frozenset[str]
    fields: FieldRights
    _rules: dict[tuple[str, str, str], RowRule | None] = field(
        default_factory=dict, compare=False, repr=False
    )

    @property
    def hidden(self) -> frozenset[str]:
        """Paths that are absent for these roles."""
        return self.fields.hidden

    @property
    def read_only(self) -> frozenset[str]:
        """Paths that these roles may not fill in or change."""
        return self.fields.read_only

    @property
    def update_fields(self) -> frozenset[str]:
        """Paths a change may touch; empty means every one that is not `read_only`."""
        return self.fields.update_fields

    def may(self, right: str) -> bool:
        """Tell whether `right` is given for at least some rows."""
        return right in self.rights

    def acts(self, action: str) -> bool:
        """Tell whether `action` is allowed on at least some rows."""
        return any(action_condition(one.grant, action) is not False for one in self.held)

    def writable(self, path: str, *, creating: bool) -> bool:
        """Tell whether the field at `path` may be filled in on a new record or on a stored one."""
        if path in self.fields.read_only:
            return False
        return creating or not self.fields.update_fields or path in self.fields.update_fields

    def demand(self, right: str) -> None:
        """Raise Refused (403) unless `right` is given."""
        if not self.entity.stored:
            raise refuse(VIEW_WITHOUT_DOOR, entity=self.entity.label)
        if right not in self.rights:
            said = RIGHT_LABELS.get(right, Label.of(right))
            raise refuse(RIGHT_DENIED, entity=self.entity.label, right=said)

    def demand_action(self, action: str) -> None:
        """Raise Refused (403) unless `action` is allowed."""
        if not self.acts(action):
            known = self.entity.actions.get(action)
            said = known.label if known else Label.of(action)
            raise refuse(ACTION_DENIED, entity=self.entity.label, action=said)

    def demand_field(self, path: str) -> None:
        """Raise Refused (403) when the field at `path` is hidden."""
        if path in self.fields.hidden:
            raise refuse(FIELD_HIDDEN, path, at=path)

    def rows(self, right: str, alias: str = "t") -> RowRule | None:
        """Return the rows `right` is given for, over `alias`; None means every row."""
        return self._kept("right", right, alias, lambda: self._right_piece(right, alias))

    def action_rows(self, action: str, alias: str = "t") -> RowRule | None:
        """Return the rows `action` is allowed on, over `alias`; None means every row."""
        return self._kept("action", action, alias, lambda: self._action_piece(action, alias))

    def walls(self, alias: str = "t") -> RowRule | None:
        """Return the guards alone: what must still hold for a row after it was changed."""
        return self._kept("walls", "", alias, lambda: rows.all_of(self._guard_pieces(alias)))

    def _kept(
        self, about: str, name: str, alias: str, build: Callable[[], Piece | None]
    ) -> RowRule | None:
        key = (about, name, alias)
        if key not in self._rules:
            piece = build()
            rule = None if piece is None else RowRule(piece.text, piece.params, self.dialect)
            self._rules[key] = rule
        return self._rules[key]

    def _right_piece(self, right: str, alias: str) -> Piece | None:
        if right not in self.rights:
            return Piece(rows.NOBODY, ())
        given = self._granted((condition(one.grant, right) for one in self.held), alias)
        read = self._granted((condition(one.grant, "read") for one in self.held), alias)
        needed = [given, read] if right in _NEEDS_READ else [given]
        return rows.all_of([*(piece for piece in needed if piece), *self._guard_pieces(alias)])

    def _action_piece(self, action: str, alias: str) -> Piece | None:
        if not self.acts(action) or "read" not in self.rights:
            return Piece(rows.NOBODY, ())
        given = self._granted((action_condition(one.grant, action) for one in self.held), alias)
        read = self._granted((condition(one.grant, "read") for one in self.held), alias)
        needed = [piece for piece in (given, read) if piece]
        return rows.all_of([*needed, *self._guard_pieces(alias)])

    def _granted(self, conditions: Iterable[bool | Formula], alias: str) -> Piece | None:
        """Join the conditions by OR; None when one of them is every row."""
        given = [one for one in conditions if one is not False]
        if any(one is True for one in given):
            return None
        formulas = [one for one in given if isinstance(one, Formula)]
        return rows.any_of(self._compiled(one, alias) for one in formulas) or Piece(rows.NOBODY, ())

    def _guard_pieces(self, alias: str) -> list[Piece]:
        return [self._compiled(guard.rows[self.entity.id], alias) for guard in self.guards]

    def _compiled(self, formula: Formula, alias: str) -> Piece:
        return Columns(self.catalog, self.dialect).condition(self.entity, formula, alias)


_decisions: Recent[EntityAccess] = Recent(KEPT)


def access(
    catalog: Catalog, roles: frozenset[str], entity_id: str, dialect: Dialect
) -> EntityAccess:
    """Decide what `roles` may do with `entity_id`; kept in memory by the catalog's fingerprint.

    Raises Refused (404) for an entity the catalog does not have.
    """
    return _decisions.get(
        (catalog.fingerprint, roles, entity_id, dialect),
        lambda: decide(catalog, roles, entity_id, dialect),
        keep=bool(catalog.fingerprint),
    )


def decide(
    catalog: Catalog, roles: frozenset[str], entity_id: str, dialect: Dialect
) -> EntityAccess:
    """Decide afresh, without the memory. Raises Refused (404) for an unknown entity."""
    entity = catalog.entities.get(entity_id)
    if entity is None:
        raise refuse(ENTITY_UNKNOWN, entity=entity_id)
    held = held_grants(catalog, roles, entity_id)
    fields = field_rights(entity, held)
    return EntityAccess(
        catalog,
        roles,
        entity,
        dialect,
        held,
        standing_guards(catalog, roles, entity_id),
        _rights(entity, [one.grant for one in held], changeable=fields.changeable),
        fields,
    )


def _rights(entity: Entity, grants: list[Grant], *, changeable: bool) -> frozenset[str]:
    given = {
        right for right in RIGHTS if any(condition(grant, right) is not False for grant in grants)
    }
    if "read" not in given:
        given -= _NEEDS_READ
    if not entity.stored:
        return frozenset()  # a view is computed by code and has no rows to reach
    if entity.made_by == "system":
        given -= _CHANGING
    if not changeable:
        given.discard("update")
    return frozenset(given)

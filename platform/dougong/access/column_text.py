"""A path as SQL: a column, or a scalar subquery over each link.

Aliases grow by one underscore per link (`t`, `t_`, `t__`), so a name always means the innermost
row. Where the reader's rights count, the subquery takes the row rule of the linked entity along: a
record out of reach gives null, just as if the link were empty.

A row rule is the rule-maker's own and sees the true data: its paths are not narrowed by what the
reader may see, or it would mean something else for every reader and two rules could wait for each
other.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from dougong.access.problems import NOT_IN_SQL
from dougong.access.read_path import ReadPath, identity
from dougong.access.select_text import mark, select
from dougong.catalog.catalog import Catalog
from dougong.catalog.entity import Entity, Field
from dougong.fields.field_type import Dialect
from dougong.fields.types import scale_of
from dougong.fields.words import sort_name
from dougong.formulas import to_sql
from dougong.formulas.sql_pieces import Column, Piece, Rows, Slot, slot
from dougong.formulas.tree import Formula, Node, Path, Type
from dougong.foundation.errors import refuse

Narrow = Callable[[str, str], Piece | None]
"""(entity id, alias) → the row condition of a linked entity; None for every row."""


_CONTEXT = {"user": "base.user", "company": "base.company"}
_FROM_CONTEXT = frozenset({("companies",), ("roles",)})
"""Names below `user` that the context itself knows."""


def every_row(entity_id: str, alias: str) -> Piece | None:
    """Narrow nothing: the true data."""
    return None


@dataclass(frozen=True, slots=True)
class Columns:
    """Makes SQL of paths and formulas, on one database, for one kind of reader."""

    catalog: Catalog
    dialect: Dialect
    narrow: Narrow = every_row

    def read(self, path: ReadPath, alias: str, *, sort: bool = False) -> Piece:
        """Return the value at a path; over its stored sort key when `sort` asks for it.

        `alias` is the row of the entity, or of the lines when the path begins in lines. Raises
        Refused for a field that only Python can compute.
        """
        names = (*(step.field.name for step in path.steps), path.field.name)
        fields = path.entity.lines[path.lines].fields if path.lines else path.entity.fields
        return self._walk(path.entity, fields, names, alias, sort=sort)

    def field(self, entity: Entity, name: str, alias: str) -> Piece:
        """Return the value of a field of the header."""
        return self._walk(entity, entity.fields, (name,), alias)

    def at(self, entity: Entity, names: tuple[str, ...], alias: str) -> tuple[Piece, Field]:
        """Return the value at a path of names from the header, and the field it ends at."""
        piece = self._walk(entity, entity.fields, names, alias)
        return piece, self._at(entity, entity.fields, names)

    def value(self, entity: Entity, formula: Formula, alias: str) -> Piece:
        """Compile a formula to its value over the row `alias` of `entity`."""
        return self._formula(entity, formula, alias, where=False)

    def condition(self, entity: Entity, formula: Formula, alias: str) -> Piece:
        """Compile a condition for a WHERE over the row `alias` of `entity`."""
        return self._formula(entity, formula, alias, where=True)

    def _formula(
        self, entity: Entity, formula: Formula, alias: str, *, where: bool, scale: int | None = None
    ) -> Piece:
        """Compile a formula; its sets of lines are subqueries."""
        line = f"{alias}l"

        def column(path: Path) -> Column:
            if path.root == "header":
                return self._context_column(path.names)
            inside = path.root == "rows"
            fields = entity.lines[path.rows].fields if inside else entity.fields
            return self._column(entity, fields, path.names, line if inside else alias)

        def rows(name: str) -> Rows:
            table = entity.lines[name].table
            return Rows(f'@."{table}" as {line}', f'{line}."parent" = {alias}."id"')

        return to_sql.sql(
            replace(formula, node=_context_as_header(formula.node)), self.dialect, column, slot,
            rows=rows, record=self._known, condition=where, scale=scale,
        )  # fmt: skip

    def _context_column(self, names: tuple[str, ...]) -> Column:
        """What the acting user's own record holds (`user.department`), or that of the company."""
        entity = self.catalog.entities[_CONTEXT[names[0]]]
        row = "u" if names[0] == "user" else "c"
        piece, last = self.at(entity, names[1:], row)
        found = select(piece.text, entity.table, row, f'{row}."id" = {mark(self.dialect)}')
        whole = Type("link", to=(entity.id,))
        params = (*piece.params, Slot(names[0], whole))
        return Column(f"({found})", scale_of(last.shape), params)

    def _known(self, entity_id: str, key: str) -> Piece:
        """The id of a record named by its business key in a formula (`unit == 'pcs'`)."""
        entity = self.catalog.entities[entity_id]
        column = entity.fields[entity.key[0]].column
        found = select('k."id"', entity.table, "k", f'k."{column}" = {mark(self.dialect)}')
        return Piece(f"({found})", (key,))

    def _column(
        self, entity: Entity, fields: Mapping[str, Field], names: tuple[str, ...], alias: str
    ) -> Column:
        if not names:
            return Column(f'{alias}."id"', null=False)
        piece = self._walk(entity, fields, names, alias)
        last = self._at(entity, fields, names)
        scale = scale_of(last.shape) if last.column else piece.scale
        return Column(piece.text, scale, piece.params)

    def _at(self, entity: Entity, fields: Mapping[str, Field], names: tuple[str, ...]) -> Field:
        at, known = entity, fields
        for name in names[:-1]:
            at = self.catalog.entities[known[name].targets[0]]
            known = at.fields
        return identity(at) if names[-1] == "id" else known[names[-1]]

    def _walk(
        self,
        entity: Entity,
        fields: Mapping[str, Field],
        names: tuple[str, ...],
        alias: str,
        *,
        sort: bool = False,
    ) -> Piece:
        field = identity(entity) if names[0] == "id" else fields[names[0]]
        leaf = self._leaf(entity, field, alias, sort=sort and len(names) == 1)
        if len(names) == 1:
            return leaf
        target = self.catalog.entities[field.targets[0]]
        below = f"{alias}_"
        inner = self._walk(target, target.fields, names[1:], below, sort=sort)
        rule = self.narrow(target.id, below)
        where = f'{below}."id" = {leaf.text}'
        if rule is not None:
            where = f"{where} AND ({rule.text})"
        return Piece(
            f"({select(inner.text, target.table, below, where)})",
            (*inner.params, *leaf.params, *(rule.params if rule else ())),
            inner.scale,
        )

    def _leaf(self, entity: Entity, field: Field, alias: str, *, sort: bool) -> Piece:
        if field.column:
            column = (sort and sort_column(entity, field)) or field.column
            return Piece(f'{alias}."{column}"', (), scale_of(field.shape))
        if field.formula is None or "sql" not in field.formula.targets:
            raise refuse(NOT_IN_SQL, field.name, at=field.name)
        return self._computed(entity, field, field.formula, alias)

    def _computed(self, entity: Entity, field: Field, formula: Formula, alias: str) -> Piece:
        """Compile a field that is not stored to what its column would hold."""
        if formula.type.kind != "number":
            return self._formula(entity, formula, alias, where=False)
        scale = scale_of(field.shape)
        if formula.type.scale > scale:
            raise refuse(NOT_IN_SQL, field.name, at=field.name)
        piece = self._formula(entity, formula, alias, where=False, scale=scale)
        if self.dialect == "sqlite":
            return piece
        return Piece(f"({piece.text})::numeric(38,{scale:d})", piece.params, scale)


def sort_column(entity: Entity, field: Field) -> str:
    """Return the column of a text's stored sort key, or "" when it has none."""
    kept = field.type in ("text", "code") and field.name in entity.search
    return sort_name(field.column) if kept and entity.fields.get(field.name) is field else ""


def _context_as_header(part: Any) -> Any:
    """Let paths below `user` and `company` be asked for as columns, read from the records of the
    acting user and of the company in use; row conditions have no header of their own.
    """
    if isinstance(part, Path):
        known = part.root not in _CONTEXT or not part.names or part.names in _FROM_CONTEXT
        if known or (part.type is not None and part.type.many):
            return part
        return replace(part, root="header", names=(str(part.root), *part.names))
    if isinstance(part, tuple):
        return tuple(_context_as_header(one) for one in part)
    if not isinstance(part, Node):
        return part
    changed = {one.name: _context_as_header(getattr(part, one.name)) for one in fields(part)}
    same = all(value is getattr(part, name) for name, value in changed.items())
    return part if same else replace(part, **changed)

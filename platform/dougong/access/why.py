"""Why: a decision about a right told step by step, with the same parts that decide it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from dougong.access.column_text import Columns
from dougong.access.decide import RIGHT_LABELS, EntityAccess, access
from dougong.access.grants import action_condition, all_roles, condition
from dougong.access.rows import fill
from dougong.access.select_text import mark, select
from dougong.catalog.catalog import Catalog
from dougong.catalog.process import RIGHTS, Grant, Guard
from dougong.database.port import Connection
from dougong.formulas.sql_pieces import Piece
from dougong.formulas.tree import Formula
from dougong.foundation.context import Context
from dougong.foundation.translate import Label


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether the act is allowed, and the sentences that lead there, in every language."""

    allowed: bool
    sentences: tuple[Label, ...]

    def say(self, language: str) -> list[str]:
        """Return the sentences in a language."""
        return [sentence.say(language) for sentence in self.sentences]


def why(
    catalog: Catalog,
    context: Context,
    connection: Connection,
    entity: str,
    act: str,
    record: int | None = None,
) -> Explanation:
    """Explain whether `context` may do `act` (a right, or an action such as `approve`) with `entity`,
    or with one `record` of it.

    Raises Refused (404) for an entity the catalog does not have. It tells what a reader may not see,
    so it is for those who set the rights up.
    """
    decided = access(catalog, context.roles, entity, connection.dialect)
    telling = _Telling(decided, context, connection, act, record)
    sentences = tuple(telling.tell())
    return Explanation(telling.allowed, sentences)


def _both(zh: str, en: str) -> Label:
    return Label.of({"zh": zh, "en": en})


class _Telling:
    """Walks through one decision; `allowed` is known when it has ended."""

    def __init__(
        self,
        decided: EntityAccess,
        context: Context,
        connection: Connection,
        act: str,
        record: int | None,
    ) -> None:
        self.decided = decided
        self.context = context
        self.connection = connection
        self.act = act
        self.record = record
        self.is_right = act in RIGHTS and act != "act"
        self.allowed = decided.may(act) if self.is_right else decided.acts(act)

    def tell(self) -> Iterator[Label]:
        yield self._who()
        if self.record is not None and not self._holds(None):
            self.allowed = False
            yield _both(
                f"没有 id 为 {self.record} 的记录。", f"There is no record with id {self.record}."
            )
            return
        yield from self._grants()
        yield from self._limits()
        if self.allowed and self.record is not None:
            yield from self._read_first()
        for guard in self.decided.guards:
            yield self._guard(guard)
        yield from self._exempt()
        yield from self._fields()
        yield self._end()

    def _who(self) -> Label:
        held = all_roles(self.decided.catalog, self.context.roles)
        added = sorted(set(held) - self.context.roles)
        said = ", ".join(sorted(self.context.roles)) or "—"
        zh = f"用户“{self.context.login}”的角色：{said}。"
        en = f"User “{self.context.login}” holds: {said}."
        if added:
            zh += f"其中包含：{', '.join(added)}。"
            en += f" They include: {', '.join(added)}."
        return _both(zh, en)

    def _grants(self) -> Iterator[Label]:
        entity = self.decided.entity.id
        given = [(one.role, self._condition(one.grant)) for one in self.decided.held]
        reached = False
        for role, rows in given:
            if rows is False:
                yield _both(
                    f"角色 {role} 对 {entity} 有授权，但不含“{self._said('zh')}”。",
                    f"Role {role} has a grant on {entity}, but not to {self._said('en')}.",
                )
                continue
            holds, zh, en = self._rows(rows)
            reached = reached or holds
            yield _both(
                f"角色 {role} 授予 {entity} 的“{self._said('zh')}”：{zh}。",
                f"Role {role} grants to {self._said('en')} {entity}: {en}.",
            )
        if not given:
            yield _both(f"没有任何角色授权 {entity}。", f"No role has a grant on {entity}.")
        self.allowed = self.allowed and reached

    def _limits(self) -> Iterator[Label]:
        """What takes a granted right away again for the whole entity."""
        entity, right = self.decided.entity, self.act
        granted = any(self._condition(one.grant) is not False for one in self.decided.held)
        if not self.is_right or not granted or self.decided.may(right):
            return
        if not entity.stored:
            yield _both(
                f"{entity.id} 是由函数计算的视图，没有入口可以读它。",
                f"{entity.id} is a view computed by a function; no door reads it.",
            )
        elif entity.made_by == "system":
            yield _both(
                f"{entity.id} 由系统生成，任何入口都不能修改。",
                f"{entity.id} is made by the system; no door may change it.",
            )
        elif not self.decided.may("read"):
            yield _both(
                f"没有查看权限，因此不能“{self._said('zh')}”。",
                f"Without the right to read there is no right to {self._said('en')}.",
            )
        else:
            yield _both("没有任何可修改的字段。", "There is no field that a change could touch.")

    def _read_first(self) -> Iterator[Label]:
        """Every right on a record that stands needs the record to be readable."""
        if self.act in ("read", "create", "import"):
            return
        rule = self.decided.rows("read", "t")
        if rule is not None and not self._holds(Piece(rule.text, rule.params)):
            self.allowed = False
            yield _both(
                "这条记录不在可查看的范围内。", "This record is not among those that may be read."
            )

    def _guard(self, guard: Guard) -> Label:
        holds, zh, en = self._rows(guard.rows[self.decided.entity.id])
        self.allowed = self.allowed and holds
        return _both(
            f"限制 {guard.id} 对所有角色有效：{zh}。", f"Guard {guard.id} binds every role: {en}."
        )

    def _exempt(self) -> Iterator[Label]:
        held = frozenset(all_roles(self.decided.catalog, self.context.roles))
        for guard in self.decided.catalog.guards.values():
            freed = sorted(guard.exempt & held)
            if self.decided.entity.id in guard.rows and freed:
                yield _both(
                    f"限制 {guard.id} 不适用：角色 {', '.join(freed)} 被豁免。",
                    f"Guard {guard.id} does not apply: {', '.join(freed)} is exempt.",
                )

    def _fields(self) -> Iterator[Label]:
        hidden, locked = sorted(self.decided.hidden), sorted(self.decided.read_only)
        if self.act in ("create", "update", "import"):
            bounded = sorted(self.decided.update_fields) if self.act == "update" else []
            if bounded:
                said = ", ".join(bounded)
                yield _both(f"只能修改：{said}。", f"Only these may be changed: {said}.")
            elif locked:
                said = ", ".join(locked)
                yield _both(f"不能填写：{said}。", f"These may not be filled in: {said}.")
        elif hidden:
            said = ", ".join(hidden)
            yield _both(f"看不到的字段：{said}。", f"Hidden fields: {said}.")

    def _end(self) -> Label:
        about = (
            self.decided.entity.id
            if self.record is None
            else f"{self.decided.entity.id} {self.record}"
        )
        if self.allowed:
            return _both(
                f"结论：可以{self._said('zh')} {about}。", f"So: may {self._said('en')} {about}."
            )
        return _both(
            f"结论：不可以{self._said('zh')} {about}。", f"So: may not {self._said('en')} {about}."
        )

    def _said(self, language: str) -> str:
        if self.is_right:
            return RIGHT_LABELS[self.act].say(language)
        known = self.decided.entity.actions.get(self.act)
        return known.label.say(language) if known else self.act

    def _condition(self, grant: Grant) -> bool | Formula:
        return condition(grant, self.act) if self.is_right else action_condition(grant, self.act)

    def _rows(self, rows: Formula | Literal[True]) -> tuple[bool, str, str]:
        """Say for which rows, and whether this record is one of them (without one: yes)."""
        if not isinstance(rows, Formula):
            return True, "所有记录", "every record"
        if self.record is None:
            return True, f"满足 {rows.text} 的记录", f"records where {rows.text}"
        decided = self.decided
        piece = Columns(decided.catalog, decided.dialect).condition(decided.entity, rows, "t")
        if self._holds(piece):
            return (
                True,
                f"满足 {rows.text}（此记录满足）",
                f"records where {rows.text} (it holds here)",
            )
        return (
            False,
            f"满足 {rows.text}（此记录不满足）",
            f"records where {rows.text} (it does not hold here)",
        )

    def _holds(self, piece: Piece | None) -> bool:
        """Ask the database whether a condition holds for the record."""
        where = f't."id" = {mark(self.decided.dialect)}'
        params: tuple[object, ...] = (self.record,)
        if piece is not None:
            where = f"{where} AND ({piece.text})"
            params += fill(piece.params, self.context, self.decided.dialect)
        return bool(self.connection.run(select("1", self.decided.entity.table, "t", where), params))

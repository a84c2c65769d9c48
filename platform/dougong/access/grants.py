"""Which grants a person holds on one entity, and what they add up to. Pure; knows no SQL.

Roles are OR: a right is given when any role gives it, for the rows any of them gives. A field is
another matter, because two roles may reach different rows. A grant that leaves a field open opens
it only for the rows that grant reaches; so a field is open when the grants that leave it open
*cover* those that close it: one of them reaches every row, or each closing grant has the very row
condition of an opening one. Otherwise the field stays closed on every row: a clerk who sees all
orders without costs and, as a buyer, his own with costs, sees no cost in a list of all orders.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from dougong.catalog.catalog import Catalog
from dougong.catalog.entity import SYSTEM_NAMES, Entity
from dougong.catalog.process import Grant, Guard
from dougong.formulas.tree import Formula

EVERYONE = "base.everyone"
ALWAYS_OPEN = frozenset({"id", "version"})
SYSTEM = frozenset(SYSTEM_NAMES)


@dataclass(frozen=True, slots=True)
class Held:
    """A grant and the role it comes from."""

    role: str
    grant: Grant


@dataclass(frozen=True, slots=True)
class FieldRights:
    """What of the fields is closed, as paths (`total`, `items.cost`, `items` for a whole set).

    `read_only` may not be filled in at all, `update_fields` are the paths a change may touch (empty:
    every one not `read_only`); `changeable` is False when a change could touch nothing.
    """

    hidden: frozenset[str]
    read_only: frozenset[str]
    update_fields: frozenset[str]
    changeable: bool


def all_roles(catalog: Catalog, roles: Iterable[str]) -> tuple[str, ...]:
    """Return the roles with those they include and `base.everyone`, sorted; nobody stays nobody."""
    wanted = list(roles)
    if wanted:
        wanted.append(EVERYONE)
    seen: set[str] = set()
    while wanted:
        role = wanted.pop()
        if role in seen or role not in catalog.roles:
            continue
        seen.add(role)
        wanted.extend(catalog.roles[role].includes)
    return tuple(sorted(seen))


def held_grants(catalog: Catalog, roles: Iterable[str], entity_id: str) -> tuple[Held, ...]:
    """Return the grants on `entity_id` of every role held, in the order of the role ids."""
    return tuple(
        Held(role, catalog.roles[role].grants[entity_id])
        for role in all_roles(catalog, roles)
        if entity_id in catalog.roles[role].grants
    )


def standing_guards(catalog: Catalog, roles: Iterable[str], entity_id: str) -> tuple[Guard, ...]:
    """Return the guards on `entity_id` that none of the roles is exempt from."""
    held = frozenset(all_roles(catalog, roles))
    return tuple(
        guard
        for _, guard in sorted(catalog.guards.items())
        if entity_id in guard.rows and not guard.exempt & held
    )


def condition(grant: Grant, right: str) -> bool | Formula:
    """Return for which rows `grant` gives `right`: True for all, False for none, or a formula.

    An action that is granted without rows of its own is granted for the rows the same grant reads.
    """
    rows = grant.rights.get(right, False)
    return grant.rights.get("read", True) if right == "act" and rows is True else rows


def action_condition(grant: Grant, action: str) -> bool | Formula:
    """Return for which rows `grant` allows `action`."""
    if action in grant.act or "*" in grant.act:
        return condition(grant, "act")
    return False


def covers(openers: Iterable[bool | Formula], closers: Iterable[bool | Formula]) -> bool:
    """Tell whether the rows of `openers` hold all rows of `closers`, as far as can be proved."""
    texts = {rows.text for rows in openers if isinstance(rows, Formula)}
    if any(rows is True for rows in openers):
        return True
    return bool(texts) and all(isinstance(rows, Formula) and rows.text in texts for rows in closers)


def field_paths(entity: Entity) -> tuple[str, ...]:
    """Return every path of `entity` that a grant may close: fields, lines, fields of lines."""
    paths = list(entity.fields)
    for lines in entity.lines.values():
        paths.append(lines.name)
        paths.extend(f"{lines.name}.{name}" for name in lines.fields)
    return tuple(paths)


def level_of(entity: Entity) -> Mapping[str, str]:
    """Return the field level of each path that has one."""
    levels = {name: field.level for name, field in entity.fields.items() if field.level}
    for lines in entity.lines.values():
        for name, field in lines.fields.items():
            if field.level:
                levels[f"{lines.name}.{name}"] = field.level
    for level, paths in entity.levels.items():
        levels.update(dict.fromkeys(paths, level))
    return levels


def field_rights(entity: Entity, held: Iterable[Held]) -> FieldRights:
    """Add the field restrictions of all grants up, by the rule this file opens with."""
    grants = [one.grant for one in held]
    levels = level_of(entity)
    paths = field_paths(entity)

    def hides(grant: Grant, path: str) -> bool:
        level = levels.get(path, "")
        return bool(level and level not in grant.levels) or _names(grant.hide, path)

    def locks(grant: Grant, path: str) -> bool:
        level = levels.get(path, "")
        locked = bool(level and grant.levels.get(level) != "edit")
        return locked or hides(grant, path) or _names(grant.read_only, path)

    hidden = {
        path for path in paths if path not in ALWAYS_OPEN and _closed(grants, path, "read", hides)
    }
    hidden |= {path for path in paths if _names(frozenset(hidden), path)}
    creates = any(condition(grant, "create") for grant in grants)
    first = "create" if creates else "update"
    locked = {path for path in paths if path in hidden or _closed(grants, path, first, locks)}

    def bars(grant: Grant, path: str) -> bool:
        bounded = bool(grant.update_fields) and not _names(grant.update_fields, path)
        return bounded or locks(grant, path)

    barred = {path for path in paths if _closed(grants, path, "update", bars)}
    changeable = frozenset(paths) - barred - locked
    return FieldRights(
        frozenset(hidden),
        frozenset(locked),
        changeable if barred - locked else frozenset(),
        bool(changeable - SYSTEM),
    )


def _names(paths: frozenset[str], path: str) -> bool:
    """`items` stands for all its fields."""
    return path in paths or path.partition(".")[0] in paths


def _closed(
    grants: Iterable[Grant], path: str, right: str, closes: Callable[[Grant, str], bool]
) -> bool:
    openers: list[bool | Formula] = []
    closers: list[bool | Formula] = []
    for grant in grants:
        rows = condition(grant, right)
        if rows is not False:
            (closers if closes(grant, path) else openers).append(rows)
    return bool(closers) and not covers(openers, closers)

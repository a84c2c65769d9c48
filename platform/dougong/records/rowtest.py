"""Tells whether a new record is within a person's rows, without asking the database where it can.

A rule over fields of the record itself and what is known of the person means the same in Python as in
SQL, because it is one formula in two writings. Anything that looks further is asked of the database.
"""

from collections.abc import Callable
from typing import Any

from dougong.access.decide import EntityAccess
from dougong.access.grants import condition
from dougong.catalog.catalog import Catalog
from dougong.formulas.tree import Formula
from dougong.generated.picks import picks_for
from dougong.records.work import Work

Test = Callable[..., Any]
Groups = tuple[tuple[Test, ...], ...]
"""All groups must hold; of a group one test."""
_KNOWN = frozenset({"companies", "roles", "company", "login"})


def new_row_holds(work: Work, access: EntityAccess, record: Any, environment: Any) -> bool | None:
    """Tell whether the person may create this record; None when only the database can tell."""
    known = work.decided.tests.get(access.entity.id, False)
    if known is False:
        known = work.decided.tests[access.entity.id] = _tests(work.catalog, access, work.dialect)
    if known is None:
        return None
    for group in known:
        if not any(test(record, None, None, None, environment, None) for test in group):
            return False
    return True


def _tests(catalog: Catalog, access: EntityAccess, dialect: Any) -> Groups | None:
    granted = [condition(one.grant, "create") for one in access.held]
    groups: list[list[Formula]] = []
    if True not in granted:
        groups.append([one for one in granted if isinstance(one, Formula)])
    groups += [[guard.rows[access.entity.id]] for guard in access.guards]
    if not all(_is_simple(one) for group in groups for one in group):
        return None
    return tuple(
        picks_for(catalog, access.entity, tuple(group), "", dialect).run for group in groups
    )


def _is_simple(formula: Formula) -> bool:
    if "python" not in formula.targets or formula.known or formula.clock:
        return False
    return all(_is_near(read) for read in formula.reads)


def _is_near(read: tuple[str, ...]) -> bool:
    root, *names = read
    if root == "record":
        return len(names) == 1
    if root == "user":
        return not names or (len(names) == 1 and names[0] in _KNOWN)
    return root == "company" and not names

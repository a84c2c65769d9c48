"""Formulas as Python expressions over records in memory, and what they need of linked records.

In generated code `r` is the header, `s` the line, `o` the header before the change and `p` that
line, `w` what was read of a record that a link points to, `e` the environment (user, company, today,
known records, functions) and `m0`, `m1`, … the values read per target, by id.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dougong.catalog.entity import Field
from dougong.formulas import to_python
from dougong.formulas.tree import Formula, Path
from dougong.generated.fetch import FetchPlan, target_of
from dougong.generated.shape import HEADER, EntityShape, TableShape, checked_name

PERSON = {"user": "e.user", "company": "e.company", "today": "e.today", "now": "e.now"}
_USER = {"companies": "e.companies", "roles": "e.roles", "company": "e.company", "login": "e.login"}


@dataclass(frozen=True, slots=True)
class Expressions:
    """Writes the formulas of one entity; what it needs of linked records it adds to the plan."""

    shape: EntityShape
    plan: FetchPlan

    def source(
        self, formula: Formula, lines: str = "", target: str = "", own: str = "", known: str = ""
    ) -> str:
        """Write a formula that stands on the header, on `lines`, or (a link's `where`) on a record
        of `target`. `own` is the field a default is for: `company` there is the company of the work.
        `known` is a field of the same place that is not empty here.
        Raises LookupError for a path that cannot be read.
        """

        def name(path: Path) -> str:
            if own and path.root == "record" and path.names[:1] == (own,):
                below = path.names[1:]
                return (
                    self._below("e.company", "base.company", below) if own == "company" else "None"
                )
            return self._path(path, lines, target)

        def rows(which: str) -> tuple[str, str]:
            return f"l_{which}", f"r.l_{which}"

        def sure(path: Path) -> bool:
            root = str(path.root)
            here = "line" if lines else "record"
            return root in ("today", "now") or (root == here and path.names == (known,))

        return to_python.source(formula, name, rows=rows, record=_record, call=_call, sure=sure)

    def value(self, base: str, table: TableShape, names: tuple[str, ...]) -> str:
        """Write a path below `base`, a header or a line."""
        return self._field(base, table.fields, names)

    def _path(self, path: Path, lines: str, target: str) -> str:
        root, names = str(path.root), path.names
        if root in PERSON and not names:
            return PERSON[root]
        if root in ("user", "originator"):
            return self._person(names)
        if root == "company":
            return self._below("e.company", "base.company", names)
        if root == "record" and target:
            return self._linked(target, names)
        if root == "rows":
            return self._field(f"l_{path.rows}", self.shape.lines[path.rows].fields, names)
        if root == "line" or (root == "this" and lines):
            return self._field("s", self.shape.lines[lines].fields, names)
        if root == "old":
            base, fields = (
                ("p", self.shape.lines[lines].fields) if lines else ("o", self.shape.header.fields)
            )
            return f"({self._field(base, fields, names)} if {base} is not None else None)"
        return self._field("r", self.shape.header.fields, names)

    def _person(self, names: tuple[str, ...]) -> str:
        """What is known of the acting person, or a field of their record."""
        known = self.plan.catalog.entities.get("base.user")
        if names[0] not in _USER and known is not None and names[0] in known.fields:
            return self._below("e.user", "base.user", names)
        return _USER.get(names[0]) or f"e.attribute({names[0]!r})"

    def _field(self, base: str, fields: Mapping[str, Field], names: tuple[str, ...]) -> str:
        if not names:
            return f"{base}.id"
        name = names[0]
        if name == "entity":
            return repr(self.shape.entity.id)
        if name not in fields and name in (*HEADER, "position"):
            own = f"{base}.{name}"
            return self._below(own, "base.user", names[1:]) if names[1:] else own
        value = f"{base}.f_{checked_name(name)}"
        if len(names) == 1:
            return value
        return self._below(value, fields[name].targets[0], names[1:])

    def _below(self, link: str, target: str, names: tuple[str, ...]) -> str:
        """The value of a path below a link, None where the link is empty or leads nowhere."""
        if not names:
            return link
        number = self.plan.number(target)
        place = self.plan.place(target, names)
        return f"m{number}.get({link}, n{number})[{place}]"

    def _linked(self, target: str, names: tuple[str, ...]) -> str:
        """The value of a path of the very record that a link points to."""
        if names in ((), ("id",)):
            return "i"
        self.plan.number(target)
        return f"w[{self.plan.place(target, names)}]"

    def end(self, path: Path, lines: str) -> Field | None:
        """Return the field a path of the record ends at; None for anything else."""
        if path.root == "line":
            fields: Mapping[str, Field] = self.shape.lines[lines].fields
        elif path.root in ("record", "header"):
            fields = self.shape.header.fields
        else:
            return None
        found: Field | None = None
        for name in path.names:
            if found is not None:
                if found.type != "link" or len(found.targets) != 1:
                    return None
                fields = target_of(self.plan.catalog, found.targets[0]).fields
            found = fields.get(name)
            if found is None or not found.column:
                return None
        return found

    def needs(self, formula: Formula, lines: str = "") -> set[tuple[str, str, str]]:
        """Return the links whose records a formula reads: (root, name, target), root `record`,
        `line`, `rows.<lines>` or `company`.
        """
        found: set[tuple[str, str, str]] = set()
        for root, *names in formula.reads:
            if root == "company" and names:
                found.add(("company", "", "base.company"))
            elif root == "user" and names and ".get(e.user" in self._person(tuple(names)):
                found.add(("user", "", "base.user"))
            elif root in ("record", "header") and len(names) > 1:
                self._need(found, "record", self.shape.header.fields, names[0])
            elif root == "line" and len(names) > 1 and lines:
                self._need(found, "line", self.shape.lines[lines].fields, names[0])
            elif root == "rows" and len(names) > 2:
                self._need(found, f"rows.{names[0]}", self.shape.lines[names[0]].fields, names[1])
        return found

    def _need(
        self, found: set[tuple[str, str, str]], root: str, fields: Mapping[str, Field], name: str
    ) -> None:
        if name in fields:
            found.add((root, name, fields[name].targets[0]))


def _record(entity: str, key: str) -> str:
    return f"e.known({entity!r}, {key!r})"


def _call(function: str, arguments: Mapping[str, str]) -> str:
    given = ", ".join(f"{name!r}: {value}" for name, value in arguments.items())
    return f"e.call({function!r}, {{{given}}})"


def maps_used(body: Iterable[str], count: int) -> list[str]:
    """Return the statements that bring the maps of linked records a body uses into local names."""
    text = " ".join(body)
    return [
        f"m{number} = k.maps[{number}]; n{number} = k.empty[{number}]"
        for number in range(count)
        if f"m{number}." in text
    ]

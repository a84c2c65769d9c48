"""Source of what must hold: required fields, checks, numbers of lines, rules, links.

`check(r, o, e, k, say)` tells `say` what does not hold: `miss(path, field, lines)`, `fail(…)`,
`few(lines)`, `many(lines)`, `broke(rule, path, s)`, `lost(…)` for a link that leads nowhere the
person may look, `unfit(…)` for one whose `where` does not hold. Only links that changed from `o` are
looked at. `check_new(r, e, k, say)` does the same for a new record, without a look at what was.
"""

import re

from dougong.catalog.entity import Field, Rule
from dougong.fields.types import field_type
from dougong.formulas.tree import Formula
from dougong.generated.bodies import is_guarded
from dougong.generated.compute import need_source
from dougong.generated.expressions import Expressions, maps_used
from dougong.generated.shape import EntityShape, TableShape


class ChecksWriter:
    """Writes the checks of one entity; `rules` are numbered in the order of the entity's, then of
    its lines'.
    """

    def __init__(
        self, shape: EntityShape, expressions: Expressions, computed: frozenset[tuple[str, str]]
    ) -> None:
        self.shape = shape
        self.expressions = expressions
        self.computed = computed
        self.rules: list[tuple[str, Rule]] = [("", rule) for rule in shape.entity.rules]
        for name, lines in shape.entity.lines.items():
            self.rules += [(name, rule) for rule in lines.rules]
        self._is_new = False

    # --- fields and rules -----------------------------------------------------------------------

    def check(self, *, new: bool) -> str:
        """Write `check`, or `check_new`."""
        self._is_new = new
        body = self._fields(self.shape.header, "    ")
        body += self._rules("", "    ")
        body += self._links(self.shape.header, "    ")
        for name, table in self.shape.lines.items():
            lines = self.shape.entity.lines[name]
            seen = self._condition(lines.visible, "")
            if lines.min:
                shown = f" and {seen}" if seen else ""
                body.append(f"    if len(r.l_{name}) < {lines.min}{shown}:")
                body.append(f"        say.few({name!r})")
            if lines.max:
                body.append(f"    if len(r.l_{name}) > {lines.max}:")
                body.append(f"        say.many({name!r})")
            inner = self._fields(table, "        ")
            inner += self._rules(name, "        ")
            inner += self._links(table, "        ")
            body += self._loop(name, inner)
        return self._function([*self._late_needs(), *self._link_needs(), *body])

    def _late_needs(self) -> list[str]:
        """Read what links lead to that were themselves computed, or that are no links of the record."""
        text: dict[str, None] = {}
        for lines, reads in self.needs().items():
            for root, name, target in sorted(reads):
                number = self.expressions.plan.number(target)
                if root in ("company", "user"):
                    text[f"    k.need({number}, (e.{root},))"] = None
                    continue
                inner = (
                    lines
                    if root == "line"
                    else root.removeprefix("rows.")
                    if root != "record"
                    else ""
                )
                if (inner, name) in self.computed:
                    table = self.shape.lines[inner] if inner else self.shape.header
                    text[need_source(number, values_of(table, table.fields[name]))] = None
        return list(text)

    def _fields(self, table: TableShape, indent: str) -> list[str]:
        text: list[str] = []
        for each in table.fields.values():
            required, value = (
                self._required(table, each),
                f"{'s' if table.name else 'r'}.f_{each.name}",
            )
            said = f"({_path(table, each)}, {each.name!r}, {table.name!r})"
            if required:
                text += [
                    f"{indent}if (v := {value}) is None{required[1:]}:",
                    f"{indent}    say.miss{said}",
                ]
            if each.check is not None:
                held = self.expressions.source(each.check, table.name, known=each.name)
                held = re.sub(rf"\b{re.escape(value)}\b", "v", held)
                head = "elif " if required == "+" else f"if (v := {value}) is not None and "
                text += [f"{indent}{head}not {held}:", f"{indent}    say.fail{said}"]
        return text

    def _required(self, table: TableShape, each: Field) -> str:
        """Return "" for a field that may be empty, else "+" and the further conditions."""
        if each.required is False or each.sequences:
            return ""
        conditions = [
            source
            for source in (
                self._condition(each.required, table.name),
                self._condition(each.visible, table.name),
            )
            if source
        ]
        return "+" + "".join(f" and {source}" for source in conditions)

    def _condition(self, condition: bool | Formula, lines: str) -> str:  # noqa: FBT001 -- a value of the catalog
        """Return the source of a condition; "" when it always holds."""
        if isinstance(condition, Formula):
            return self.expressions.source(condition, lines)
        return "" if condition else "False"

    def _rules(self, lines: str, indent: str) -> list[str]:
        text: list[str] = []
        for number, (where, rule) in enumerate(self.rules):
            if where != lines:
                continue
            test = f"not {self.expressions.source(rule.check, lines)}"
            if rule.when is not None:
                test = f"{self.expressions.source(rule.when, lines)} and {test}"
            path = f"f'{lines}.{{s.position}}', s" if lines else "'', None"
            text += [f"{indent}if {test}:", f"{indent}    say.broke({number}, {path})"]
        return text

    def needs(self) -> dict[str, frozenset[tuple[str, str, str]]]:
        """Return the links that checks and rules read through, by the lines they stand on."""
        found: dict[str, set[tuple[str, str, str]]] = {}
        for table in self.shape.tables:
            reads = found.setdefault(table.name, set())
            for each in table.fields.values():
                for condition in (each.check, each.required, each.visible):
                    if isinstance(condition, Formula):
                        reads |= self.expressions.needs(condition, table.name)
        for lines, rule in self.rules:
            for condition in (rule.when, rule.check):
                if condition is not None:
                    found[lines] |= self.expressions.needs(condition, lines)
        for each_set in self.shape.entity.lines.values():
            if isinstance(each_set.visible, Formula):
                found[""] |= self.expressions.needs(each_set.visible)
        return {lines: frozenset(reads) for lines, reads in found.items()}

    # --- links ----------------------------------------------------------------------------------

    def _links(self, table: TableShape, indent: str) -> list[str]:
        text: list[str] = []
        for each in table.fields.values():
            never_typed = is_guarded(each) and each.where is None
            if is_plain_link(each) and not never_typed:
                text += self._link(table, each, indent)
        return text

    def _link_needs(self) -> list[str]:
        """Read the targets of links with a `where` that no person typed."""
        text = []
        for table in self.shape.tables:
            for each in table.fields.values():
                computed = (table.name, each.name) in self.computed
                if is_plain_link(each) and each.where is not None and computed:
                    number = self.expressions.plan.number(each.targets[0])
                    text.append(need_source(number, values_of(table, each)))
        return text

    def _link(self, table: TableShape, each: Field, indent: str) -> list[str]:
        number = self.expressions.plan.number(each.targets[0])
        new, old = ("s", "p") if table.name else ("r", "o")
        value = f"{new}.f_{each.name}"
        was = f"({old}.f_{each.name} if {old} is not None else None)"
        where = (
            self.expressions.source(each.where, table.name, each.targets[0]) if each.where else ""
        )
        many = field_type(each.type).kind == "links"
        changed = "" if self._is_new else f" and i != {was}"
        text = [f"{indent}if (i := {value}) is not None{changed}:"]
        if many:
            text.append(f"{indent}    for i in {value}:")
            indent += "    "
        said = f"({_path(table, each)}, {each.name!r}, {table.name!r})"
        text += [
            f"{indent}    if not ((w := m{number}.get(i, n{number}))[0]{f' and {where}' if where else ''}):",
            f"{indent}        if not w[0] and i in t{number}:",
            f"{indent}            say.lost{said}",
        ]
        if where:
            text += [
                f"{indent}        elif i in m{number} and not {where}:",
                f"{indent}            say.unfit{said}",
            ]
        return text

    # --- frame ----------------------------------------------------------------------------------

    def _loop(self, name: str, inner: list[str]) -> list[str]:
        if not inner:
            return []
        head = [f"    for s in r.l_{name}:"]
        if not self._is_new and any("p." in line or " p " in line for line in inner):
            head = [
                f"    q = {{}} if o is None else {{x.id: x for x in o.l_{name}}}",
                *head,
                "        p = q.get(s.id)",
            ]
        return [*head, *inner]

    def _function(self, body: list[str]) -> str:
        text = "\n".join(body)
        count = len(self.expressions.plan.wanted)
        typed = [
            f"    t{number} = k.typed[{number}]"
            for number in range(count)
            if f" in t{number}:" in text
        ]
        maps = [f"    {line}" for line in maps_used(body, count)]
        if self._is_new:
            head = ["def check_new(r, e, k, say):", "    o = p = s = None"]
        else:
            head = ["def check(r, o, e, k, say):", "    p = s = None"]
        return "\n".join([*head, *maps, *typed, *body]) + "\n"


def linked_source(shape: EntityShape, expressions: Expressions) -> str:
    """`linked(r)`: per target number, the links of a record as far as they are given."""
    given: dict[int, list[str]] = {}
    for table in shape.tables:
        for each in table.fields.values():
            if is_plain_link(each) and each.formula is None:
                number = expressions.plan.number(each.targets[0])
                given.setdefault(number, []).append(f"*{values_of(table, each)}")
    pairs = ", ".join(f"({number}, ({', '.join(parts)},))" for number, parts in given.items())
    return f"def linked(r):\n    return ({pairs}{',' if pairs else ''})\n"


def typed_source(shape: EntityShape, expressions: Expressions) -> str:
    """`typed(r, k)`: read what the links of a new record point to; True when one of them is still
    named by business key, and nothing more was read then.
    """
    places: dict[int, list[tuple[TableShape, Field]]] = {}
    for table in shape.tables:
        for each in table.fields.values():
            if is_plain_link(each) and not is_guarded(each):
                number = expressions.plan.number(each.targets[0])
                places.setdefault(number, []).append((table, each))
    text = ["def typed(r, k):"]
    for number, found in places.items():
        table, each = found[0]
        if len(found) > 1 or table.name or field_type(each.type).kind == "links":
            ids = ", ".join(f"*{values_of(*place)}" for place in found)
            text += [f"    if k.type({number}, {{{ids}}}):", "        return True"]
        else:
            text += [
                f"    if (i := r.f_{each.name}).__class__ is int:",
                f"        k.type_one({number}, i)",
                "    elif i.__class__ is KeyOf:",
                "        return True",
            ]
    return "\n".join([*text, "    return False"]) + "\n"


def words_source(shape: EntityShape, expressions: Expressions) -> str:
    """`words(r, e, k)`: the texts of a record by which it is searched."""
    parts: list[str] = []
    needs: list[str] = []
    for path in shape.entity.search:
        names = tuple(path.split("."))
        lines = names[0] if len(names) > 1 and names[0] in shape.lines else ""
        table = shape.lines[lines] if lines else shape.header
        inner = names[1:] if lines else names
        if inner[0] not in table.fields:
            continue
        if len(inner) > 1:
            each = table.fields[inner[0]]
            number = expressions.plan.number(each.targets[0])
            needs.append(need_source(number, values_of(table, each)))
        value = expressions.value(("s" if lines else "r"), table, inner)
        parts.append(f"*[{value} for s in r.l_{lines}]" if lines else value)
    maps = [f"    {line}" for line in maps_used(parts, len(expressions.plan.wanted))]
    return (
        "\n".join(
            [
                "def words(r, e, k):",
                *needs,
                *maps,
                f"    return ({', '.join(parts)},)" if parts else "    return ()",
            ]
        )
        + "\n"
    )


def values_of(table: TableShape, each: Field) -> str:
    """Return the source of all values of a link field in a record, `r` being the header."""
    many = field_type(each.type).kind == "links"
    if not table.name:
        return f"(r.f_{each.name} or ())" if many else f"(r.f_{each.name},)"
    if many:
        return f"[i for s in r.l_{table.name} for i in s.f_{each.name} or ()]"
    return f"[s.f_{each.name} for s in r.l_{table.name}]"


def is_plain_link(each: Field) -> bool:
    """Tell whether a field links to one kind of record (not `by` a neighbour)."""
    return (
        field_type(each.type).kind in ("link", "links") and len(each.targets) == 1 and not each.by
    )


def _path(table: TableShape, each: Field) -> str:
    if not table.name:
        return repr(each.name)
    return f"f'{table.name}.{{s.position}}.{each.name}'"

"""The tree of a formula, and what checking adds to it. Plain frozen values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Literal, Protocol

TypeKind = Literal[
    "number",
    "text",
    "boolean",
    "date",
    "time",
    "datetime",
    "span",
    "link",
    "set",
    "record",
    "null",
    "users",
    "json",
]
Target = Literal["python", "sql", "browser"]
Root = Literal[
    "record",  # a field of the record itself (header, or the record filtered)
    "line",  # a field of the line the formula stands on
    "header",  # a field of the header, seen from a line (`doc.x` or a bare name)
    "rows",  # a set of lines: `items` in sum(items.amount)
    "this",  # the record or line that holds the link (in a link's `where`)
    "old",  # the record before the change
    "user",  # the acting user
    "company",  # the company of the work
    "originator",  # who submitted (flows)
    "argument",  # an argument of a function
    "entry",  # an earlier entry of a posting
    "measure",  # a measure of a report or ledger
    "today",  # the day of the work, in the company's time zone
    "now",  # the instant of the work
]


@dataclass(frozen=True, slots=True)
class Type:
    """The type of an expression. `scale` and `digits` bound a number's decimals and all its digits;
    `to` are the entity ids a link points to; `constant` marks a literal read by its neighbour;
    `options` are the codes of a choice, so that a constant can be held against them.

    A record's own fields: number `scale` as declared and `digits` 18; choice is text with
    `options`; `links` is link with `many`; dynamic link is link without `to`.
    """

    kind: TypeKind
    scale: int = 0
    digits: int = 18
    to: tuple[str, ...] = ()
    many: bool = False
    constant: bool = False
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of a formula; `at` is its first character in the text, counting from 0."""

    at: int


@dataclass(frozen=True, slots=True)
class Number(Node):
    """`10`, `0.5`, `13%` (value 0.13)."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Text(Node):
    """`'approved'`."""

    value: str


@dataclass(frozen=True, slots=True)
class Boolean(Node):
    """`true`, `false`."""

    value: bool


@dataclass(frozen=True, slots=True)
class Null(Node):
    """`null`."""


@dataclass(frozen=True, slots=True)
class Moment(Node):
    """A constant of date, time or datetime, made by checking of a text beside one: `'2026-06-30'`.
    A datetime is aware and in UTC.
    """

    value: date | time | datetime


@dataclass(frozen=True, slots=True)
class Known(Node):
    """A record named by its business key, made by checking of a text beside a link:
    `unit == 'pcs'`.
    """

    entity: str
    key: str


@dataclass(frozen=True, slots=True)
class Span(Node):
    """`1d`, `2m`: a calendar span in d, w, m or y."""

    count: int
    unit: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    """`qty`, `customer.credit_left`, `doc.date`, `items.amount`.

    Checking fills `root` (where the first name was found), `names` (the path below that root,
    without a leading `doc`/`this`/`old`/`user`), `rows` (the set of lines, when root is rows) and
    `type`.
    """

    names: tuple[str, ...]
    root: Root | None = None
    rows: str = ""
    type: Type | None = None


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """`-x`."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """`+ - * / &`; `type` is filled by checking (dates and numbers share + and -)."""

    operator: str
    left: Node
    right: Node
    type: Type | None = None


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """`a < b <= c`: operands one more than operators; each pair must hold."""

    operators: tuple[str, ...]
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Membership(Node):
    """`x in [a, b]`, `x not in user.teams`; `options` is a tuple of nodes or one path of many."""

    operand: Node
    options: tuple[Node, ...] | Path
    negated: bool


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """`a and b`, `a or b`."""

    operator: Literal["and", "or"]
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    """`not a`."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`round(x, 2)`, `sales.price_of(item)`, `balance('…', item=item).quantity`."""

    function: str
    arguments: tuple[Node, ...]
    named: tuple[tuple[str, Node], ...] = ()
    members: tuple[str, ...] = ()
    type: Type | None = None


@dataclass(frozen=True, slots=True)
class Formula:
    """A checked formula: the tree with every path resolved.

    `reads` are the paths it depends on, each with its root as first element, for instance
    `("record", "qty")`, `("rows", "items", "amount")`, `("record", "customer", "currency")`,
    `("user", "companies")`. `targets` are where it can run; `clock` is true when it asks the time.
    `calls` are all functions called, platform's and modules'; `known` the records it names by their
    business key, as (entity, key).
    """

    text: str
    node: Node
    type: Type
    reads: frozenset[tuple[str, ...]] = frozenset()
    calls: frozenset[str] = frozenset()
    targets: frozenset[Target] = frozenset({"python", "sql", "browser"})
    clock: bool = False
    known: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Found:
    """What a scope knows of a bare name: where it stands and its type; `rows` for a set of lines;
    `name` is the stored name when it differs; `hides` is what else the name could have meant, said
    as a path (`doc.tax`), and makes a warning.
    """

    root: Root
    type: Type
    rows: str = ""
    name: str = ""
    hides: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """A function declared by a module (functions.md A.3): argument types by name, those that may
    be left out, its result, whether its body is code, and its formula otherwise.
    """

    id: str
    arguments: Mapping[str, Type]
    optional: frozenset[str]
    gives: Type
    code: bool
    formula: Formula | None = None


class Scope(Protocol):
    """What a formula may see at its place; handed in, so formulas know no catalog."""

    def find(self, name: str) -> Found | None:
        """Return what the bare name means here (the first column of functions.md A.2 that has it).

        A set of lines is `Found("rows", Type("set"), rows="items")`. The words `doc`, `this`, `old`
        and `originator` are asked for here too, and are links to the record they stand for:
        `doc` is `Found("header", Type("link", to=("sales.order",)))` (root "record" where the
        formula stands on the header), `this` is `Found("this", …)`, `old` is `Found("old", …)`.
        `user` and, where the record has no such field, `company` need not be known: checking
        knows them.
        """

    def step(self, type_: Type, name: str) -> Type | None:
        """Return the type of field `name` of the record that `type_` points to (all entities of
        `to` must have it); `Type("set")` for a set of lines; None when there is no such field.
        """

    def rows(self, rows: str, name: str) -> Type | None:
        """Return the type of field `name` of the lines `rows`."""

    def names(self, of: Type | None = None, rows: str = "") -> Iterable[str]:
        """Return every name there is, for “did you mean”: bare names, or the fields of the record
        that `of` points to, or the fields of the lines `rows`.
        """

    def signature(self, function: str) -> Signature | None:
        """Return a module's function by its full id."""

    def known(self, entity: str, key: str) -> bool | None:
        """Tell whether `data:` files hold the record `key`; None when that can't be known."""

    @property
    def allows(self) -> frozenset[str]:
        """Functions and context names allowed only in some places: `people`, `report`, `changed`,
        `old`, `this`, `originator`, `conversions` (taken, open), `ledgers` (balance, turnover).
        """


@dataclass(frozen=True, slots=True)
class NoScope:
    """A scope in which nothing has a name; for constants and tests."""

    allows: frozenset[str] = field(default_factory=frozenset)

    def find(self, name: str) -> Found | None:
        """Nothing is known."""
        return None

    def step(self, type_: Type, name: str) -> Type | None:
        """Nothing is known."""
        return None

    def rows(self, rows: str, name: str) -> Type | None:
        """Nothing is known."""
        return None

    def names(self, of: Type | None = None, rows: str = "") -> Iterable[str]:
        """Nothing is known."""
        return ()

    def signature(self, function: str) -> Signature | None:
        """Nothing is known."""
        return None

    def known(self, entity: str, key: str) -> bool | None:
        """Nothing is known."""
        return None

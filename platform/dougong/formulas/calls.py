"""Checking of calls: arguments against parameters, the type of the result."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

from dougong.formulas import digits, functions, problems, tree
from dougong.formulas.functions import FUNCTIONS, Function, Parameter
from dougong.formulas.gather import Checked, Gather
from dougong.formulas.kinds import ORDERED, UNKNOWN, said, same_kind
from dougong.formulas.names import nearest, read_of
from dougong.formulas.tree import Node, Signature, Type


class Calls(Gather):
    """The half of the checker that knows functions; `check.py` adds the operators."""

    # --- calls ----------------------------------------------------------------------------------

    def infer_call(self, call: tree.Call) -> Checked:
        """Check a call of the platform's or a module's function."""
        function = FUNCTIONS.get(call.function)
        if function is not None:
            self.called.add(call.function)
            return self._platform(call, function)
        signature = self.scope.signature(call.function)
        if signature is not None:
            self.called.add(call.function)
            return self._module(call, signature)
        near = "" if "." in call.function else nearest(call.function, tuple(FUNCTIONS))
        self.complain(problems.UNKNOWN_FUNCTION, call.at, near, name=call.function)
        return call, UNKNOWN

    def condition(self, node: Node) -> Node:
        """Check a node that must be true or false."""
        checked, type_ = self.infer(node)
        if type_ is not UNKNOWN and type_.kind not in ("boolean", "null"):
            wanted = said(Type("boolean"))
            self.complain(problems.DIFFERENT_TYPES, node.at, wanted=wanted, got=said(type_))
        return checked

    def _platform(self, call: tree.Call, function: Function) -> Checked:
        if function.offered and function.offered not in self.scope.allows:
            where = functions.OFFERED[function.offered]
            self.complain(problems.NOT_HERE, call.at, name=call.function, where=where)
            return call, UNKNOWN
        for target in sorted({"python", "sql", "browser"} - function.targets):
            self.lacks(target, call.function, call.at)  # type: ignore[arg-type]
        if function.clock:
            self.clocks.setdefault(call.function, self.column(call.at))
        if function.offered in ("conversions", "ledgers", "people"):
            self.readers.setdefault(call.function, self.column(call.at))
        before = self.stops()
        if function.lines:
            with self._over_lines(call):
                bound = self._bind(call, function)
                if bound is not None and not self.rows_at_hand:
                    usage = function.example
                    self.complain(problems.NO_ROWS, call.at, function=function.name, usage=usage)
        else:
            bound = self._bind(call, function)
        if bound is None or self.stops() > before:
            return call, UNKNOWN
        return self._finish(call, function, *bound)

    @contextmanager
    def _over_lines(self, call: tree.Call) -> Iterator[None]:
        """While the arguments of an aggregate are checked: exactly one set of lines."""
        if self.rows_at_hand is not None:
            self.complain(problems.NESTED_ROWS, call.at, function=call.function)
        outer, self.rows_at_hand = self.rows_at_hand, ""
        self._inside = (*self._inside, call.function)
        yield
        self._inside = self._inside[:-1]
        self.rows_at_hand = outer

    def _bind(
        self, call: tree.Call, function: Function
    ) -> tuple[list[Checked], list[tuple[str, Checked]]] | None:
        """Pair arguments with parameters; None when they don't fit (complained already)."""
        plain = [parameter for parameter in function.parameters if not parameter.named]
        if function.many and len(call.arguments) > len(plain):
            plain += [plain[-1]] * (len(call.arguments) - len(plain))
        named = dict(call.named)
        if not self._names_fit(call, function, [parameter.name for parameter in plain]):
            return None
        given: list[Checked] = []
        for n, parameter in enumerate(plain):
            if n < len(call.arguments):
                node = call.arguments[n]
            elif parameter.name in named:
                node = named[parameter.name]
            elif parameter.default is not None:
                node = tree.Number(call.at, Decimal(parameter.default))
            else:
                self._complain_missing(call, parameter.name, function.usage)
                return None
            given.append(self._take(call, function, parameter, node))
        by_name = {
            parameter.name: parameter for parameter in function.parameters if parameter.named
        }
        kept: list[tuple[str, Checked]] = []
        for name, node in call.named:
            if name in by_name:
                kept.append((name, self._take(call, function, by_name[name], node)))
            elif function.open:
                kept.append((name, self.infer(node)))
        for name, parameter in by_name.items():
            if name not in named and not parameter.optional:
                self._complain_missing(call, name, function.usage)
                return None
        return given, kept

    def _names_fit(self, call: tree.Call, function: Function, plain: list[str]) -> bool:
        if len(call.arguments) > len(plain):
            usage = function.usage
            self.complain(problems.TOO_MANY_ARGUMENTS, call.at, function=call.function, usage=usage)
            return False
        seen = set(plain[: len(call.arguments)])
        named = [parameter.name for parameter in function.parameters if parameter.named]
        for name, node in call.named:
            if name in seen:
                self.complain(problems.DOUBLE_ARGUMENT, node.at, function=call.function, name=name)
                return False
            if name not in plain and name not in named and not function.open:
                self._complain_unknown(call, name, node, function.usage, (*plain, *named))
                return False
            seen.add(name)
        return True

    def _complain_missing(self, call: tree.Call, name: str, usage: str) -> None:
        self.complain(
            problems.MISSING_ARGUMENT, call.at, function=call.function, name=name, usage=usage
        )

    def _complain_unknown(
        self, call: tree.Call, name: str, node: Node, usage: str, names: tuple[str, ...]
    ) -> None:
        values = {"function": call.function, "name": name, "usage": usage}
        self.complain(problems.UNKNOWN_ARGUMENT, node.at, nearest(name, names), **values)

    def _take(
        self, call: tree.Call, function: Function, parameter: Parameter, node: Node
    ) -> Checked:
        """Check one argument against its parameter."""
        wanted = parameter.wanted
        if wanted in ("condition", "line_condition"):
            return self.condition(node), Type("boolean")
        if wanted == "constant":
            if not isinstance(node, tree.Text):
                values = {"function": call.function, "name": parameter.name}
                self.complain(problems.MUST_BE_CONSTANT, node.at, **values, usage=function.example)
            return node, Type("text")
        checked, type_ = self.infer(node)
        if wanted == "date":
            checked, type_ = self.coerce(checked, type_, Type("date"))
        if type_ is not UNKNOWN:
            self._suits(type_, parameter, node, function)
        return checked, type_

    def _suits(self, type_: Type, parameter: Parameter, node: Node, function: Function) -> None:
        wanted = parameter.wanted
        kinds: dict[str, tuple[frozenset[str], str]] = {
            "number": (frozenset({"number"}), "number"),
            "line_number": (frozenset({"number"}), "number"),
            "whole": (frozenset({"number"}), "number"),
            "text": (frozenset({"text"}), "text"),
            "date": (frozenset({"date"}), "date"),
            "link": (frozenset({"link", "users"}), "link"),
            "span": (frozenset({"span"}), "span"),
            "lines": (frozenset({"set"}), "set"),
            "ordered": (ORDERED, "number"),
            "line_value": (ORDERED, "number"),
        }
        allowed, model = kinds.get(wanted, (frozenset(), ""))
        if type_.kind == "text" and wanted in ("ordered", "line_value"):
            if not type_.constant:
                self.complain(problems.TEXT_ORDER, node.at, got=said(type_))
        elif (allowed and type_.kind not in allowed | {"null"}) or (
            type_.many and wanted != "link"
        ):
            values: dict[str, Any] = {"wanted": said(Type(model or "text")), "got": said(type_)}  # type: ignore[arg-type]
            self.complain(problems.DIFFERENT_TYPES, node.at, **values)
        elif not allowed and type_.kind in ("set", "record", "span", "users"):
            self.complain(
                problems.DIFFERENT_TYPES, node.at, wanted=said(Type("number")), got=said(type_)
            )
        elif wanted == "whole" and type_.scale:
            self.complain(problems.NOT_WHOLE, node.at, scale=type_.scale)
        elif wanted == "field" and not (isinstance(node, tree.Path) and len(node.names) == 1):
            self.complain(
                problems.MUST_BE_CONSTANT, node.at, function=function.name,
                name=parameter.name, usage=function.example,
            )  # fmt: skip

    def _finish(
        self,
        call: tree.Call,
        function: Function,
        given: list[Checked],
        named: list[tuple[str, Checked]],
    ) -> Checked:
        """The checked call, or what it stands for."""
        name = function.name
        if name in ("min", "max", "coalesce", "if"):
            first = 1 if name == "if" else 0
            given[first:] = self._one_type(given[first:])
            if name in ("min", "max") and any(type_.kind == "text" for _, type_ in given):
                self.complain(problems.TEXT_ORDER, call.at, got=said(Type("text")))
                return call, UNKNOWN
            if any(type_ is UNKNOWN for _, type_ in given):
                return call, UNKNOWN
        if name in ("today", "now"):
            return tree.Path(call.at, (), name, "", type_ := function.result(())), type_  # type: ignore[arg-type]
        if name == "has_role":
            roles = tree.Path(call.at, ("roles",), "user", "", Type("text", many=True))
            self.reads.add(read_of(roles))
            self.readers.setdefault(name, self.column(call.at))
            return tree.Membership(call.at, given[0][0], roles, negated=False), Type("boolean")
        if name == "changed":
            return self._changed(call, given[0][0])
        types = [
            type_
            if type_.kind != "null" or name in ("coalesce", "if", "min", "max")
            else digits.WHOLE
            for _, type_ in given
        ]
        type_ = function.result(types)
        if name in ("round", "floor", "ceil"):
            type_ = digits.rounded(types[0], self._places(given[1][0]))
        type_ = self._member(call, type_)
        if type_.kind == "number":
            self.hold_digits(type_, call.at)
        if type_.kind != "text" or name not in ("coalesce", "if"):
            type_ = replace(type_, constant=False)
        checked = replace(
            call,
            arguments=tuple(node for node, _ in given),
            named=tuple((key, node) for key, (node, _) in named),
            type=type_,
        )
        return checked, type_

    def _one_type(self, given: list[Checked]) -> list[Checked]:
        """Hold values that must be of one type against the first that has one."""
        alike = self.alike(given)
        model = functions.common([type_ for _, type_ in alike])
        for node, type_ in alike:
            if not same_kind(model, type_):
                values: dict[str, Any] = {"wanted": said(model), "got": said(type_)}
                self.complain(problems.DIFFERENT_TYPES, node.at, **values)
                return [(node, UNKNOWN)]
        return alike

    def _places(self, node: Node) -> int | None:
        """How many decimals to round to, None when that is known only at run time."""
        sign, at = 1, node.at
        if isinstance(node, tree.Unary):
            sign, node = -1, node.operand
        if not isinstance(node, tree.Number):
            return None
        places = sign * int(node.value)
        low, high = digits.ROUND_LOWEST, digits.ROUND_HIGHEST
        if not low <= places <= high:
            self.complain(problems.OUT_OF_RANGE, at, name="n", low=low, high=high)
        return min(high, max(low, places))

    def _changed(self, call: tree.Call, field: Node) -> Checked:
        assert isinstance(field, tree.Path)  # noqa: S101 -- its parameter takes a field only
        before = replace(field, root="old")
        self.reads.add(read_of(before))
        node = tree.Compare(call.at, ("!=",), (field, before))
        return node, Type("boolean")

    def _member(self, call: tree.Call, type_: Type) -> Type:
        """Follow `.quantity`, `.quantity.in` behind a call that gives several values."""
        for name in call.members:
            of = type_ if type_.to else replace(type_, to=(_constant_text(call),))
            if type_.kind == "record" and name in ("in", "out", "net") and type_.to:
                return functions.QUANTITY
            found = self.scope.step(of, name) if type_.kind in ("record", "link") else None
            if found is None:
                near = nearest(name, tuple(self.scope.names(of)))
                self.complain(problems.UNKNOWN_FIELD, call.at, near, owner=call.function, name=name)
                return UNKNOWN
            if call.function == "turnover" and type_.kind == "record":
                found = Type("record", to=of.to)
            type_ = found
        return type_

    # --- functions of modules -------------------------------------------------------------------

    def _module(self, call: tree.Call, signature: Signature) -> Checked:
        usage = f"{signature.id}({', '.join(signature.arguments)})"
        bound = self._bind_module(call, signature, usage)
        if bound is None:
            return call, UNKNOWN
        if signature.formula is not None:
            return self._write_in(call, signature.formula, bound)
        self.readers.setdefault(signature.id, self.column(call.at))
        self.lacks("sql", signature.id, call.at)
        self.lacks("browser", signature.id, call.at)
        named = tuple((name, node) for name, (node, _) in bound.items())
        type_ = self._member(call, signature.gives)
        return replace(call, arguments=(), named=named, type=type_), type_

    def _bind_module(
        self, call: tree.Call, signature: Signature, usage: str
    ) -> dict[str, Checked] | None:
        names = tuple(signature.arguments)
        if len(call.arguments) > len(names):
            self.complain(problems.TOO_MANY_ARGUMENTS, call.at, function=call.function, usage=usage)
            return None
        given = dict(zip(names, call.arguments, strict=False))
        for name, node in call.named:
            if name in given:
                self.complain(problems.DOUBLE_ARGUMENT, node.at, function=call.function, name=name)
                return None
            if name not in names:
                self._complain_unknown(call, name, node, usage, names)
                return None
            given[name] = node
        before = self.stops()
        bound: dict[str, Checked] = {}
        for name, wanted in signature.arguments.items():
            if name not in given:
                if name not in signature.optional:
                    self._complain_missing(call, name, usage)
                    return None
                bound[name] = tree.Null(call.at), Type("null")
                continue
            node, type_ = self.coerce(*self.infer(given[name]), wanted)
            if not same_kind(type_, wanted):
                values: dict[str, Any] = {"wanted": said(wanted), "got": said(type_)}
                self.complain(problems.DIFFERENT_TYPES, given[name].at, **values)
            bound[name] = node, type_
        return None if self.stops() > before else bound

    def _write_in(self, call: tree.Call, body: tree.Formula, bound: dict[str, Checked]) -> Checked:
        """Put the body of a function with a formula in place of its call."""
        outer, self._bound = self._bound, bound
        outer_at, self._at = self._at, self.column(call.at)
        self.called |= body.calls
        self.reads |= {read for read in body.reads if read[0] != "argument"}
        self.known |= body.known
        for name in sorted(body.calls & {"today", "now"}):
            self.clocks.setdefault(name, self._at)
        node, type_ = self.infer(body.node)
        self._bound, self._at = outer, outer_at
        if type_.kind == "number" and body.type.kind == "number":
            type_ = replace(type_, constant=False)
        return node, type_


def _constant_text(call: tree.Call) -> str:
    first = call.arguments[0] if call.arguments else None
    return first.value if isinstance(first, tree.Text) else call.function

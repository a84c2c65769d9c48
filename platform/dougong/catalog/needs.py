"""Modules and the versions they need of each other."""

import re
from collections.abc import Mapping

from dougong.catalog import problems as kinds
from dougong.catalog.catalog import Module
from dougong.catalog.collect import Declared
from dougong.catalog.nearest import nearest
from dougong.foundation.errors import Problem
from dougong.foundation.translate import Label

LANGUAGE = 1
"""The version of the language that is read here."""
_PART = re.compile(r"(\^|>=|<=|>|<|==|=)?\s*([0-9]+(?:\.[0-9]+)*)")


def numbers(version: str) -> tuple[int, ...]:
    """Return a version as numbers that compare: `1.4` is (1, 4, 0)."""
    found = [int(each) for each in re.findall(r"[0-9]+", version)][:3]
    return tuple([*found, 0, 0, 0][:3])


def satisfies(version: str, wants: str) -> bool:
    """Tell whether a version is one that is wanted: `>=1.2 <2`, `^1.4` (up to the next first number)."""
    has = numbers(version)
    for sign, number in _PART.findall(wants):
        bound = numbers(number)
        holds = {
            "^": bound <= has < (bound[0] + 1, 0, 0),
            ">=": has >= bound,
            "<=": has <= bound,
            ">": has > bound,
            "<": has < bound,
        }.get(sign, has == bound)
        if not holds:
            return False
    return True


def check_needs(
    heads: Mapping[str, Declared], tenants: Mapping[str, Declared], modules: Mapping[str, Module]
) -> list[Problem]:
    """Return what is missing or of the wrong version."""
    base = Module("base", Label(), "1.0.0", Label(), {})
    known = {"base": base, "dougong": base, **modules}
    wrong = []
    for id_, head in heads.items():
        for name, wants, mark in head.body.map("needs").walk():
            if name not in known:
                values = {"id": name, "by": id_, "modules": ", ".join(modules)}
                wrong.append(
                    Problem(
                        kinds.UNKNOWN_MODULE, mark.at_key("needs"), values, nearest(name, known)
                    )
                )
            elif not satisfies(known[name].version, str(wants)):
                values = {"id": name, "by": id_, "wants": wants, "has": known[name].version}
                wrong.append(Problem(kinds.WRONG_VERSION, mark.at_value("needs"), values))
        language = head.body.get("language", LANGUAGE)
        if language != LANGUAGE:
            place = head.body.place("language", "language")
            wrong.append(Problem(kinds.WRONG_LANGUAGE, place, {"id": id_, "language": language}))
    for id_, tenant in tenants.items():
        for key in ("modules", "plugins"):
            for name, mark in tenant.body.named(key):
                if name not in known:
                    values = {"id": name, "by": id_, "modules": ", ".join(modules)}
                    near = nearest(name, known)
                    wrong.append(Problem(kinds.UNKNOWN_MODULE, mark.at_value(key), values, near))
    return wrong

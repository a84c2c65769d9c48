"""Roles are OR, but a field is only as open as the rows of the grant that opens it."""

from dougong.access.grants import (
    action_condition,
    all_roles,
    condition,
    covers,
    field_rights,
    held_grants,
    standing_guards,
)
from dougong.catalog.catalog import Catalog
from dougong.catalog.entity import Entity, Field, Lines
from dougong.catalog.process import Grant, Guard, Role
from dougong.fields.field_type import Shape
from dougong.formulas.tree import Formula, Null, Type
from dougong.foundation.translate import Label

OWN = Formula("owner == user", Null(0), Type("boolean"))
LATE = Formula("due < today()", Null(0), Type("boolean"))


def field(name, *, type_="text", level=""):
    return Field(name, Shape(type_), Label.of(name), column=name, level=level)


ORDER = Entity(
    id="sales.order",
    module="sales",
    label=Label.of("Order"),
    table="sales_order",
    fields={
        "total": field("total"),
        "note": field("note"),
        "margin": field("margin", level="pricing"),
    },
    lines={
        "items": Lines(
            "items",
            "sales_order__items",
            Label.of("Items"),
            {"qty": field("qty"), "cost": field("cost")},
        )
    },
)


def grant(**keys):
    return Grant("sales.order", **keys)


def catalog(guards=(), **roles):
    return Catalog(
        modules={}, entities={"sales.order": ORDER}, forms={}, lists={}, menus={},
        roles={
            role_id: Role(role_id, Label.of(role_id), {"sales.order": one} if one else {}, includes)
            for role_id, (one, includes) in roles.items()
        },
        guards={one.id: one for one in guards},
        sequences={}, functions={}, data={},
    )  # fmt: skip


def rights_of(*grants):
    held = held_grants(
        catalog(**{f"r{index}": (one, ()) for index, one in enumerate(grants)}),
        {f"r{index}" for index in range(len(grants))},
        "sales.order",
    )
    return field_rights(ORDER, held)


def test_a_role_brings_those_it_includes_and_everyone():
    known = catalog(
        boss=(None, ("clerk",)), clerk=(None, ("boss",)), **{"base.everyone": (None, ())}
    )
    assert all_roles(known, {"boss"}) == ("base.everyone", "boss", "clerk")
    assert all_roles(known, {"gone"}) == ("base.everyone",)


def test_nobody_holds_nothing_not_even_everyone():
    assert all_roles(catalog(**{"base.everyone": (None, ())}), ()) == ()


def test_a_right_that_is_not_in_the_grant_is_not_given():
    reads = grant(rights={"read": OWN})
    assert condition(reads, "read") is OWN
    assert condition(reads, "update") is False


def test_an_action_reaches_the_rows_its_own_grant_reads():
    acts = grant(rights={"read": OWN, "act": True}, act=frozenset({"submit"}))
    assert action_condition(acts, "submit") is OWN
    assert action_condition(acts, "void") is False
    assert action_condition(grant(rights={"act": LATE}, act=frozenset({"*"})), "void") is LATE


def test_covering():
    assert covers([True], [True, OWN])
    assert covers([OWN, LATE], [LATE])
    assert not covers([OWN], [LATE])
    assert not covers([OWN], [True])
    assert not covers([], [OWN])


def test_a_field_hidden_by_every_role_is_hidden():
    hides = grant(rights={"read": True}, hide=frozenset({"total"}), levels={"pricing": "edit"})
    assert rights_of(hides, hides).hidden == {"total"}


def test_a_role_that_reads_every_row_opens_a_field():
    hides = grant(rights={"read": True}, hide=frozenset({"total"}), levels={"pricing": "edit"})
    opens = grant(rights={"read": True}, levels={"pricing": "edit"})
    assert rights_of(hides, opens).hidden == frozenset()


def test_a_role_that_reads_its_own_rows_opens_no_field_on_the_rows_of_others():
    all_rows = grant(rights={"read": True}, hide=frozenset({"total"}), levels={"pricing": "edit"})
    own_rows = grant(rights={"read": OWN}, levels={"pricing": "edit"})
    assert rights_of(all_rows, own_rows).hidden == {"total"}


def test_the_same_row_condition_opens_a_field():
    hides = grant(rights={"read": OWN}, hide=frozenset({"total"}), levels={"pricing": "edit"})
    opens = grant(rights={"read": OWN}, levels={"pricing": "edit"})
    assert rights_of(hides, opens).hidden == frozenset()


def test_hiding_a_set_of_lines_hides_its_fields():
    hides = grant(rights={"read": True}, hide=frozenset({"items"}), levels={"pricing": "edit"})
    assert rights_of(hides).hidden == {"items", "items.qty", "items.cost"}


def test_a_level_not_granted_hides_and_a_level_to_read_locks():
    assert rights_of(grant(rights={"read": True, "update": True})).hidden == {"margin"}
    reads = rights_of(grant(rights={"read": True, "update": True}, levels={"pricing": "read"}))
    assert (reads.hidden, reads.read_only) == (frozenset(), {"margin"})
    edits = rights_of(grant(rights={"read": True, "update": True}, levels={"pricing": "edit"}))
    assert (edits.hidden, edits.read_only) == (frozenset(), frozenset())


def test_a_bounded_change_adds_up_over_roles():
    one = grant(rights={"read": True, "update": True}, update_fields=frozenset({"note"}))
    two = grant(rights={"read": True, "update": True}, update_fields=frozenset({"items"}))
    assert rights_of(one).update_fields == {"note"}
    assert rights_of(one, two).update_fields == {"note", "items", "items.qty", "items.cost"}


def test_a_wider_role_frees_a_bounded_change():
    bounded = grant(rights={"read": True, "update": True}, update_fields=frozenset({"note"}))
    free = grant(rights={"read": True, "update": True}, levels={"pricing": "edit"})
    assert rights_of(bounded, free).update_fields == frozenset()


def test_a_field_locked_on_change_may_be_open_on_a_new_record():
    locked = grant(
        rights={"read": True, "update": True},
        read_only=frozenset({"total"}),
        levels={"pricing": "edit"},
    )
    makes = grant(rights={"create": True}, levels={"pricing": "edit"})
    added = rights_of(locked, makes)
    assert "total" not in added.read_only
    assert added.update_fields == {"note", "margin", "items", "items.qty", "items.cost"}


def test_a_change_that_could_touch_nothing_is_no_change():
    nothing = grant(
        rights={"read": True, "update": True},
        update_fields=frozenset({"total"}),
        read_only=frozenset({"total"}),
    )
    assert not rights_of(nothing).changeable


def test_guards_stand_unless_a_role_is_exempt():
    wall = Guard("base.wall", Label.of("Wall"), {"sales.order": OWN}, frozenset({"auditor"}))
    known = catalog(guards=[wall], clerk=(None, ()), auditor=(None, ()), chief=(None, ("auditor",)))
    assert standing_guards(known, {"clerk"}, "sales.order") == (wall,)
    assert standing_guards(known, {"clerk", "auditor"}, "sales.order") == ()
    assert standing_guards(known, {"chief"}, "sales.order") == ()
    assert standing_guards(known, {"clerk"}, "sales.other") == ()

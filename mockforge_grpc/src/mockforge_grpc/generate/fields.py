"""Fields as steps of a plan: single values, lists, maps, messages, oneofs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from mockforge.mocking.data.model import DEMAND_ITEMS
from mockforge.mocking.data.names import singular
from mockforge.mocking.data.runtime import Context, Make

from .errors import UnsatisfiableRulesError
from .known import USUAL
from .octets import bytes_maker
from .plans import Fill, Plan, Step, one_of
from .resources import Resources
from .rules import FieldRules, RuleReader
from .scalars import BYTES, FLOAT, LIMITS, STRING, Scalars, scalar_schema
from .singles import single
from .wellknown import WellKnown

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor
    from google.protobuf.descriptor_pool import DescriptorPool

_PAGES: Final = re.compile(r"^next_?page_?(token|cursor)$", re.IGNORECASE)
"""Generated, such a token would make clients ask for page after page without end (AIP-158)."""
_TRIES: Final = 50


class Fields:
    """Makes the steps of message types; holds the plans of all types met so far."""

    def __init__(self, pool: DescriptorPool) -> None:
        self.scalars = Scalars()
        self._rules = RuleReader(pool)
        self._resources = Resources(pool)
        self._wellknown = WellKnown(pool, self)
        self._plans: dict[str, Plan] = {}

    def plan(self, descriptor: Descriptor) -> Plan:
        """The plan for a type."""
        name = descriptor.full_name
        plan = self._plans.get(name)
        if plan is None:
            plan = self._plans[name] = Plan(descriptor, self)
        return plan

    def filler(
        self, descriptor: Descriptor, name: str, rules: FieldRules, field: FieldDescriptor | None
    ) -> Fill:
        """What fills a message of this type that stands under ``name``."""
        return self._wellknown.filler(descriptor, name, rules, field) or self.plan(descriptor).fill

    def steps(self, descriptor: Descriptor) -> list[Step]:
        """The steps that fill a message of this type: fields in order, a oneof where its first is."""
        found: dict[str, list[Step]] = {}
        about = self._rules.message(descriptor)
        groups = {name: f"rule {at}" for at, group in enumerate(about.groups) for name in group[0]}
        needed = {f"rule {at}" for at, group in enumerate(about.groups) if group[1]}
        for field in descriptor.fields:
            if _PAGES.match(field.name) and not self._rules.field(field).rules:
                continue
            group = groups.get(field.name, field.name)
            if field.containing_oneof is not None:
                group = f"oneof {field.containing_oneof.name}"
            found.setdefault(group, []).append(self._step(field, ruled=not about.disabled))
        needed |= {
            f"oneof {oneof.name}"
            for oneof in descriptor.oneofs
            if self._rules.oneof_required(oneof) and not about.disabled
        }
        return [
            steps[0]
            if len(steps) == 1 and group not in needed
            else one_of(steps, needed=group in needed)
            for group, steps in found.items()
        ]

    def _step(self, field: FieldDescriptor, *, ruled: bool) -> Step:
        rules = self._rules.field(field) if ruled else FieldRules()
        needed = bool(
            rules.required or field.is_required or (rules.rules and not field.has_presence)
        )
        if field.is_repeated:
            return self._many(field, rules, needed=needed)
        name, descriptor = field.name, field.message_type
        if descriptor is not None:
            fill = self.filler(descriptor, name, rules, field)

            def message(message: Any, context: Context) -> None:
                inner = getattr(message, name)
                inner.SetInParent()
                fill(inner, context)

            return Step(message, needed, heavy=True, target=descriptor.full_name)
        make = self.value_maker(field, rules, filled=rules.required and not field.has_presence)

        def scalar(message: Any, context: Context) -> None:
            setattr(message, name, make(context))

        return Step(scalar, needed)

    def value_maker(
        self,
        field: FieldDescriptor,
        rules: FieldRules,
        *,
        filled: bool = False,
        name: str | None = None,
    ) -> Make:
        """A maker of single scalar values of ``field``, which is to be taken as called ``name``."""
        resource = None if rules.rules or field.type != STRING else self._resources.maker(field)
        if resource is not None:
            return resource
        called = field.name if name is None else name
        parent = field.containing_type
        owner, place = ("", "") if parent is None else (parent.name, parent.full_name)

        def text(schema: dict[str, Any]) -> Make:
            return self.scalars.maker(schema, called, owner, field.full_name)

        if field.type == BYTES:
            return bytes_maker(rules.of("bytes"), text, field.full_name, filled=filled)
        usual = USUAL.get((place, field.name), {})
        make = text(scalar_schema(field, rules, filled=filled, usual=usual))
        return single(make, rules.of("float")) if field.type == FLOAT else make

    def _many(self, field: FieldDescriptor, rules: FieldRules, *, needed: bool) -> Step:
        entry = field.message_type
        if entry is not None and entry.GetOptions().map_entry:
            bounds = _bounds(rules, "map", "pairs", field)
            return Step(self._map(field, entry, rules, bounds), needed, True, _value_type(entry))
        low, high = bounds = _bounds(rules, "repeated", "items", field)
        unique = bool(rules.of("repeated").get("unique"))
        if entry is not None:
            fill = self._messages(field, entry, rules.part("items"), bounds)
            return Step(fill, needed, heavy=True, target=entry.full_name)
        make = self.value_maker(field, rules.part("items"), name=singular(field.name))
        name = field.name

        def fill_list(message: Any, context: Context) -> None:
            count = _count(context, low, high)
            getattr(message, name).extend(
                _distinct(make, count, low, context, field)
                if unique
                else [make(context) for _ in range(count)]
            )

        return Step(fill_list, needed, heavy=True)

    def _messages(
        self, field: FieldDescriptor, entry: Descriptor, rules: FieldRules, bounds: tuple[int, int]
    ) -> Fill:
        name, (low, high) = field.name, bounds
        fill = self.filler(entry, singular(name), rules, field)

        def fill_list(message: Any, context: Context) -> None:
            container = getattr(message, name)
            for place in range(_count(context, low, high)):
                if place >= max(low, 1) and context.tight:
                    break
                fill(container.add(), context)

        return fill_list

    def _map(
        self,
        field: FieldDescriptor,
        entry: Descriptor,
        rules: FieldRules,
        bounds: tuple[int, int],
    ) -> Fill:
        name, (low, high) = field.name, bounds
        key, value = entry.fields_by_name["key"], entry.fields_by_name["value"]
        keys = self.value_maker(key, rules.part("keys"), name="key_name")
        inner = rules.part("values")
        put: Callable[[Any, Any, Context], None]
        if value.message_type is not None:
            fill = self.filler(value.message_type, singular(name), inner, field)

            def put(container: Any, key: Any, context: Context) -> None:
                # Getting makes the entry, even if nothing is put into it.
                fill(container[key], context)
        else:
            make = self.value_maker(value, inner, name=singular(name))

            def put(container: Any, key: Any, context: Context) -> None:
                container[key] = make(context)

        def fill_map(message: Any, context: Context) -> None:
            container = getattr(message, name)
            count = _count(context, low, high)
            for place, key in enumerate(_distinct(keys, count, low, context, field)):
                if place >= max(low, 1) and context.tight:
                    break
                put(container, key, context)

        return fill_map


def _value_type(entry: Descriptor) -> str | None:
    value = entry.fields_by_name["value"].message_type
    return None if value is None else value.full_name


def _bounds(rules: FieldRules, kind: str, what: str, field: FieldDescriptor) -> tuple[int, int]:
    """How many items or pairs: at least and at most."""
    own = rules.of(kind)
    low = own.get(f"min_{what}", 0)
    high = own.get(f"max_{what}", max(low, DEMAND_ITEMS))
    if rules.required:
        low = max(low, 1)
    if low > high or low > DEMAND_ITEMS:
        raise UnsatisfiableRulesError(
            field.full_name,
            f"min_{what} {low} is greater than "
            + (f"max_{what} {high}" if low > high else f"the {DEMAND_ITEMS:,} that are generated"),
        )
    return low, high


def _count(context: Context, low: int, high: int) -> int:
    """A small number of items within the bounds; the fewest where there is no room."""
    if context.tight:
        count = low
    else:
        count = context.between(max(low, min(1, high)), min(high, max(low, LIMITS.max_items)))
    context.nodes += count
    return count


def _distinct(
    make: Make, count: int, low: int, context: Context, field: FieldDescriptor
) -> list[Any]:
    """``count`` different values, or as many as there are, if these are enough."""
    found: dict[Any, None] = {}
    for _ in range(count):
        for _ in range(_TRIES * (1 + len(found))):
            value = make(context)
            if value not in found:
                found[value] = None
                break
        else:
            break
    if len(found) < low:
        raise UnsatisfiableRulesError(
            field.full_name, f"there are not {low} different values that it could hold"
        )
    return list(found)

"""Whether plan and protocol say the same of every syringe. UNBLINDED.

The plan says what is drawn up, the protocol says what the label prints: 25 mL in one and 20 mL in the other would reach
the patient. The whole plan is compared, never one arm's part of it, so that a refusal tells nothing of an arm.

Pure: no Django.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from randomization.shared.errors import ConfigurationError
from randomization.shared.protocol import Protocol
from randomization.shared.protocol.syringes import Difference, number, route_key
from randomization.unblinded.formulary.contents import Content, ContentKey, Level
from randomization.unblinded.lists.drawing import contradictions, is_dummy
from randomization.unblinded.lists.plan import Plan

STRENGTH_KEY: Final = {Level.FULL: "strength", Level.REDUCED: "reduced_strength"}
_NUMBER: Final = re.compile(r"[0-9]+(\.[0-9]+)?")


def _words(text: str) -> tuple[str, ...]:
    """The words of a text as they are compared: in lower case, numbers by value."""
    return tuple(
        number(Decimal(word)) if _NUMBER.fullmatch(word) else word
        for word in re.sub(r"(?<=[0-9])(?=[^\W\d])", " ", text.casefold()).split()
    )


def _printed_as(strength: str, product_name: str, amount: str) -> bool:
    """Whether `strength`, like `anakinra 200 mg`, ends with the amount and begins as the product's name does."""
    printed, wanted, name = _words(strength), _words(amount), _words(product_name)
    drug = printed[: len(printed) - len(wanted)]
    return bool(drug) and printed[len(drug) :] == wanted and name[: len(drug)] == drug


def _is_nothing(amount: str) -> bool:
    first = _words(amount)[0]
    return bool(_NUMBER.fullmatch(first)) and Decimal(first) == 0


def _place(key: ContentKey) -> str:
    return f"content {', '.join(key)}"


def _contents_of(plan: Plan, route: str, level: Level) -> dict[ContentKey, Content]:
    return {key: content for key, content in plan.contents.items() if key[2:] == (route, level)}


def _of_level(plan: Plan, route: str, level: Level, strength: str) -> Iterator[tuple[str, str, str, str]]:
    """Key and value in the plan, key and value in the protocol, of every difference at one level."""
    theirs = route_key(route, STRENGTH_KEY[level]), strength
    contents = _contents_of(plan, route, level)
    if not contents:
        yield f"content {route}, {level}", "missing", *theirs
        return
    drugs = {key: content for key, content in contents.items() if not is_dummy(plan, content)}
    if not drugs:
        yield f"content {route}, {level}: product", f"{plan.diluent} in every arm", *theirs
    for key, content in contents.items():
        if key not in drugs and not _is_nothing(content.amount):
            yield f"{_place(key)}: amount", f"{content.amount} of {plan.diluent}", *theirs
    for key, content in drugs.items():
        name = plan.products[content.product].name
        if not _printed_as(strength, name, content.amount):
            yield f"{_place(key)}: amount", f"{content.amount} of {name}", *theirs


def _all(plan: Plan, protocol: Protocol) -> Iterator[tuple[str, str, str, str]]:
    if plan.trial != protocol.trial:
        yield "trial", plan.trial, "trial", protocol.trial
    codes = sorted(route.code for route in protocol.regimen.routes)
    if list(plan.routes) != codes:
        yield "content: route", ", ".join(plan.routes), "regimen.route", ", ".join(codes)
    for route in protocol.regimen.routes:
        if route.code not in plan.routes:
            continue
        for volume in sorted({content.final_ml for key, content in plan.contents.items() if key[2] == route.code}):
            if volume != route.volume_ml:
                key = route_key(route.code, "volume_ml")
                yield f"content {route.code}: final_ml", number(volume), key, number(route.volume_ml)
        for level, strength in ((Level.FULL, route.strength), (Level.REDUCED, route.reduced_strength)):
            yield from _of_level(plan, route.code, level, strength)


def differences(plan: Plan, protocol: Protocol, *, plan_name: str = "plan") -> list[Difference]:
    """Every fact on which the two disagree: trial, routes, volumes (mL), levels, drug and amount at each level.

    And where the plan disagrees with itself: what is drawn, by the strength of the product, is not the amount.
    """
    return [
        *contradictions(plan, plan_name=plan_name),
        *_between(plan, protocol, plan_name),
    ]


def _between(plan: Plan, protocol: Protocol, plan_name: str) -> list[Difference]:
    return [
        Difference(plan_name, key, value, f"protocol {protocol.version}", other_key, other_value)
        for key, value, other_key, other_value in _all(plan, protocol)
    ]


def _sentence(refused: list[Difference], where: str) -> str:
    listed = "; ".join(map(str, refused))
    return f"{listed}{where}. Nothing was kept: correct the file that is wrong, as a new version, and load it again."


def check_agreement(plan: Plan, protocols: Mapping[str, Protocol], *, plan_name: str = "plan") -> None:
    """Refuse a plan that contradicts itself, or agrees with none of the versions, by where each is in force.

    Without a version there is nothing more to compare.

    Raises ConfigurationError, code `plan_and_protocol`, with file, key and value on both sides.
    """
    if not protocols:
        own = list(contradictions(plan, plan_name=plan_name))
        if own:
            raise ConfigurationError(_sentence(own, ""), code="plan_and_protocol", field=own[0].key)
        return
    compared = {where: differences(plan, protocol, plan_name=plan_name) for where, protocol in protocols.items()}
    if not all(compared.values()):
        return
    where, fewest = min(compared.items(), key=lambda item: len(item[1]))
    raise ConfigurationError(_sentence(fewest, f" ({where})"), code="plan_and_protocol", field=fewest[0].key)

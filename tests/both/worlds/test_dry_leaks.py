"""Leaks planted at a dry site: what only a syringe with drug asks for must not reach the ward, and would be seen.

A small world of its own, played twice inside one transaction, the second time with the arms swapped: two patients of
whom one gets the drug, an envelope, syringes prepared while nothing is there, lots found, held and recalled. What the
ward can notice is measured by notes of single units: the flag rises with the one that is enough.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
import time_machine
from django.db import connections, transaction

from immunosep_site.demonstration import cast, play
from pharmacy.outage.services import enter_envelope
from pharmacy.preparation.labelling import print_labels
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.services import prepare
from pharmacy.preparation.services.finish import release
from pharmacy.stock import booking
from pharmacy.stock.hold_causes import HoldCause, Outcome
from pharmacy.stock.ledger import Change, Kind
from pharmacy.stock.models import Hold, Lot, SupplyFlag
from pharmacy.stock.selectors import holdings, lot_by_number
from pharmacy.stock.services import hold, move, quarantine, receive
from pharmacy.worklist.selectors import worklist
from randomization.accounts.roles import Role
from randomization.blinded.screening.models import Participant
from randomization.shared import clock
from randomization.unblinded.lists.assignment_access import Assignment, open_assignment
from tests import removing
from tests.both.worlds import chance, dry, script

SITE = dry.SITE
PHARMACIST = cast.at_site(Role.PHARMACIST, SITE)
CASES = (play.Case(SITE, *script.VALUES["SIP"]), play.Case(SITE, *script.VALUES["MALS"]))
PRODUCT = "ANAKINRA"
"""One patient alone is of the class that it is for: it is found in one of the two worlds."""
Act = Callable[[], object]
Seen = list[tuple[str, dict[str, list[str]]]]


def first_day() -> datetime:
    """The day after the trial was set up; fixed, whatever the clock of the world says."""
    appointed = Participant.objects.order_by("screened_at")[0].screened_at
    return appointed.replace(hour=9, minute=0, second=0, microsecond=0)


def deliver(product: str, number: str, units: int, days: int = 300) -> None:
    """days: until it expires; what was found lasts 300."""
    line = dry._line(product, number, units)
    receive.receive(
        actor=PHARMACIST,
        site_code=SITE,
        line=replace(line, expires_on=first_day().date() + timedelta(days=days)),
        delivery_note=f"{number} {units} {clock.now():%d %H:%M}",
        temperature_c=Decimal(5),
    )


def prepare_as_usual() -> None:
    """A further IV dose of each patient, from what was delivered."""
    waiting = [row.dose for row in worklist(PHARMACIST, hours=48) if row.can_start and row.dose.route == "IV"]
    for dose in {dose.course.kit_code: dose for dose in reversed(waiting)}.values():
        chance.STREAM.reseed(f"prepare {dose.uid} {clock.now()}")
        opened = prepare.prepare(actor=PHARMACIST, dose_uid=dose.uid)
        play.make_and_check([opened], SITE)
        print_labels(PHARMACIST, opened.uid)
        chance.STREAM.reseed(f"release {dose.uid} {clock.now()}")
        release(actor=PHARMACIST, uid=opened.uid, barcode=play.label_of(opened))


def used() -> Lot:
    return Lot.objects.get(site_code=SITE, number=dry._line(PRODUCT, "USED", 1).lot_number)


def return_all_but_eighteen() -> None:
    """How many units that is depends on what was in the syringes."""
    units = holdings([used().pk])[0].balance - 18
    removing.write_off(actor=PHARMACIST, lot_id=used().pk, kind=Kind.RETURN, units=units, reason="all but a box")


def count_eighteen() -> None:
    """The difference depends on what was in the syringes."""
    removing.count_stock(actor=PHARMACIST, lot_id=used().pk, counted=18, reason="a broken box")


def hold_by_number() -> None:
    """Whether it was found here or not."""
    number = dry._line(PRODUCT, "NIGHT", 1).lot_number
    hold.put_on_hold(
        actor=PHARMACIST,
        site_code=SITE,
        product=PRODUCT,
        lot_number=number,
        elsewhere=lot_by_number(SITE, PRODUCT, number) is None,
        reason="a call of the maker",
    )


def recall() -> None:
    number = dry._line(PRODUCT, "NIGHT", 1).lot_number
    quarantine.recall(actor=cast.SAFETY_OFFICER, product=PRODUCT, lot_number=number, reason="particles", ahead=True)


def release_recalled() -> None:
    for held in Hold.objects.filter(lot__site_code=SITE, cause=HoldCause.RECALL, outcome="").order_by("pk"):
        quarantine.decide(actor=cast.SAFETY_OFFICER, hold_id=held.pk, outcome=Outcome.RELEASED, reason="stability data")


FIRST_NOTE = {"found": 20, "returned": 1, "counted": 1, "held": 12, "recalled": 12}
"""Units that are less than enough, by part; then notes of one unit each, until they are enough."""
SINGLE_NOTES = 6


def probe(part: str) -> Iterator[tuple[str, Act, int]]:
    """The other product lies there in plenty, this one comes unit by unit: the flag says how much counts as there."""
    yield "much of the other", partial(deliver, "INTERFERON", "MUCH", 200), 5
    for units in (FIRST_NOTE[part], *[1] * SINGLE_NOTES):
        yield f"{units} more", partial(deliver, PRODUCT, "FEW", units), 5


def before() -> Iterator[tuple[str, Act, int]]:
    """A dry site at night: name, act, and the minutes before it."""
    numbers: list[str] = []
    for order, case in enumerate(CASES):
        yield f"enrol {order}", lambda case=case: numbers.append(play.enrol(case).participant), 15  # type: ignore[misc]
    yield "seal envelopes", script._seal_envelopes, 5
    yield "dry", dry._empty, 5
    yield "screen", lambda: numbers.append(play.screen(CASES[0]).number), 15
    yield "measure", lambda: play.measure(numbers[-1], CASES[0]), 5
    yield "confirm", lambda: play.confirm(numbers[-1], SITE), 5
    yield "envelope", lambda: script._enter_envelope(numbers, 1), 5
    yield "from paper", lambda: dry._enter_from_paper(script._envelope(1)), 5
    yield "all the same", dry._prepare_all_the_same, 5
    yield "in the evening", play.pass_hatch, 10 * 60


def acts_of(part: str) -> Iterator[tuple[str, Act, int]]:
    """What follows: each part begins where `before` ends."""
    match part:
        case "found":
            yield "all the same again", dry._prepare_all_the_same, 5
        case "returned" | "counted":
            for product in dry.DRUGS:
                yield f"deliver {product}", partial(deliver, product, "USED", 40, 200), 5
            yield "as usual", prepare_as_usual, 5
            yield part, return_all_but_eighteen if part == "returned" else count_eighteen, 5
        case "held":
            yield "held", hold_by_number, 5
            yield "the note of what was found", partial(deliver, PRODUCT, "NIGHT", 30), 5
        case "recalled":
            yield "recalled", recall, 5
            yield "released", release_recalled, 5
            yield "the note of what was found", partial(deliver, PRODUCT, "NIGHT", 30), 5
    yield from probe(part)


def dump() -> dict[str, list[str]]:
    """Every row of the blinded database, and its counters."""
    with connections["blinded"].cursor() as cursor:
        seen = {}
        for table in [*sorted(connections["blinded"].introspection.table_names(cursor)), "sqlite_sequence"]:
            cursor.execute(f'SELECT * FROM "{table}"')
            seen[table] = sorted(repr(row) for row in cursor.fetchall())
        return seen


@contextmanager
def undone() -> Iterator[None]:
    """Both databases as they were before."""
    blocks = [transaction.atomic(using=alias) for alias in ("default", "blinded")]
    for block in blocks:
        block._from_testcase = True  # type: ignore[attr-defined]
    with blocks[0], blocks[1]:
        try:
            yield
        finally:
            for alias in ("default", "blinded"):
                transaction.set_rollback(True, using=alias)


def open_with_arms(swapped: bool) -> Callable[..., Assignment]:
    """As `open_assignment`, with the arms in turn by kit code, and swapped."""

    def opened(**fields: Any) -> Assignment:
        assignment = open_assignment(**fields)
        kits = Participant.objects.exclude(allocation=None).values_list("allocation__kit_code", flat=True)
        names = assignment.plan.arm_names
        return Assignment(names[(sorted(kits).index(fields["kit_code"]) + swapped) % 2], assignment.plan)

    return opened


def do(acts: Iterator[tuple[str, Act, int]], start: datetime) -> tuple[Seen, datetime]:
    """What the blinded database holds after each act, and when the last one was."""
    seen, now = [], start
    for name, act, minutes in acts:
        now += timedelta(minutes=minutes)
        chance.STREAM.reseed(f"{name} {now}")
        with time_machine.travel(now, tick=False):
            act()
            chance.STREAM.reseed(f"{name} {now}, done")
            play.pass_hatch()
            seen.append((name, dump()))
    return seen, now


def world(monkeypatch: pytest.MonkeyPatch, start: datetime, *, swapped: bool) -> dict[str, Seen]:
    """What the blinded database held, by part, and by part with a leak planted."""
    for module in (prepare, enter_envelope):
        monkeypatch.setattr(module, "open_assignment", open_with_arms(swapped))
    with undone():
        seen, evening = do(before(), start)
        records = {"before": seen}
        held = {preparation.product in dry.DRUGS for preparation in Preparation.objects.filter(site_code=SITE)}
        assert held == {True, False}, "syringes with drug and without, or nothing is shown"
        for part, leaks in LEAKS.items():
            for leak in (None, *leaks):
                with undone(), monkeypatch.context() as patch:
                    if leak is not None:
                        leak(patch)
                    records[leak.__name__ if leak else part] = do(acts_of(part), evening)[0]
                    flag = SupplyFlag.objects.filter(site_code=SITE).order_by("-pk")[0]
                    assert leak or flag.may_supply, f"{part}: the notes end with enough"
    return records


def first_difference(seen: Seen, other: Seen) -> str | None:
    for (name, rows_of), (_name, others_of) in zip(seen, other, strict=True):
        for table, rows in rows_of.items():
            if rows != others_of[table]:
                return f"{name}: {table}: {sorted(set(rows) ^ set(others_of[table]))[:2]}"
    return None


def found_units_count(patch: pytest.MonkeyPatch) -> None:
    """Units received provisionally count as there."""
    original = vars(booking)["change_of"]

    def change_of(kind: Kind, units: int) -> Change:
        return Change(units, units) if kind is Kind.PROVISIONAL else original(kind, units)

    patch.setattr(booking, "change_of", change_of)


def a_return_counts(patch: pytest.MonkeyPatch) -> None:
    """A part that goes back takes as much with it of what counts as there: how much is left depends on use."""

    def book(actor: Any, lot: Any, kind: Kind, units: int, **more: Any) -> Any:
        return booking._append(
            actor,
            lot,
            kind,
            lambda _balance, arm_neutral: Change(-units, -min(units, arm_neutral)),
            reference="",
            **more,
        )

    original = vars(move)["book"]
    patch.setattr(
        move,
        "book",
        lambda actor, lot, kind, units, **more: (book if kind is Kind.RETURN else original)(
            actor, lot, kind, units, **more
        ),
    )


def a_count_counts(patch: pytest.MonkeyPatch) -> None:
    """A difference that a count finds changes what counts as there by as much."""
    original = vars(move)["book"]

    def book(actor: Any, lot: Any, kind: Kind, units: int, **more: Any) -> Any:
        if kind is not Kind.COUNT:
            return original(actor, lot, kind, units, **more)
        return booking._append(
            actor,
            lot,
            kind,
            lambda _balance, arm_neutral: Change(units, max(units, -arm_neutral)),
            reference="",
            **more,
        )

    patch.setattr(move, "book", book)


def a_recall_strikes_where_it_was_found(patch: pytest.MonkeyPatch) -> None:
    """Only the sites that have the lot."""
    original = vars(quarantine)["strike"]

    def strike(actor: Any, products: list[str], cause: HoldCause, at: datetime, **more: Any) -> None:
        if Lot.objects.filter(product__in=products, number__startswith="NIGHT").exists():
            original(actor, products, cause, at, **more)

    patch.setattr(quarantine, "strike", strike)


def a_held_number_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    """A hold falls on the lot that is there, and a note that comes later to where it was not there counts."""
    original = vars(receive)["causes_by_number"]
    patch.setattr(
        receive, "causes_by_number", lambda lot: [cause for cause in original(lot) if cause is not HoldCause.PHARMACY]
    )


def a_decision_on_found_units_lets_the_note_through(patch: pytest.MonkeyPatch) -> None:
    """A recall that was decided for what was found is over, and where nothing was found it is not."""

    original = vars(receive)["causes_by_number"]
    patch.setattr(
        receive,
        "causes_by_number",
        lambda lot: [cause for cause in original(lot) if not Hold.objects.filter(lot=lot, cause=cause).exists()],
    )


LEAKS: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], ...]] = {
    "found": (found_units_count,),
    "returned": (a_return_counts,),
    "counted": (a_count_counts,),
    "held": (a_held_number_is_forgotten,),
    "recalled": (a_recall_strikes_where_it_was_found, a_decision_on_found_units_lets_the_note_through),
}


@pytest.mark.once
@pytest.mark.requirement("R13", "R14")
def test_a_dry_site_tells_nothing_and_every_planted_leak_is_seen(trial: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "urandom", chance.STREAM.read)
    monkeypatch.setattr(random, "_urandom", chance.STREAM.read)
    start = (clock.now() + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    unswapped, other = (world(monkeypatch, start, swapped=swapped) for swapped in (False, True))
    differences = {name: first_difference(seen, other[name]) for name, seen in unswapped.items()}
    leaks = {leak.__name__ for planted in LEAKS.values() for leak in planted}
    assert {name: difference for name, difference in differences.items() if name not in leaks and difference} == {}
    assert {name for name in leaks if differences[name] is None} == set(), "not seen"

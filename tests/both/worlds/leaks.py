"""Planted leaks, one of each kind: the comparison must turn red for every one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Thread
from typing import Any

from django.db import connections

from pharmacy.preparation import tell_ward
from pharmacy.preparation.models import Preparation
from randomization.blinded.bedside.models import Course
from randomization.blinded.sites.models import Site
from randomization.hatch.messages import DoseReady, SiteSupply
from randomization.hatch.send import send
from randomization.shared.clock import quarter_at_or_before


def _beside(action: Callable[[], object]) -> None:
    """On a connection of its own: the guard of the running service would refuse the write."""

    def run() -> None:
        action()
        connections.close_all()

    thread = Thread(target=run)
    thread.start()
    thread.join()


def _wrap_prepare(after: Callable[[Any], object], *, by_thread: bool = True) -> None:
    original = Preparation.objects.create

    def create(**fields: Any) -> Any:
        preparation = original(**fields)
        if preparation.product != "SALINE":
            _beside(lambda: after(preparation)) if by_thread else after(preparation)
        return preparation

    Preparation.objects.create = create  # type: ignore[method-assign]


def column() -> None:
    """A field of the blinded database that depends on the arm: whose syringe was the last with drug in it."""
    _wrap_prepare(
        lambda preparation: Site.objects.filter(code=preparation.site_code).update(
            contact=f"call {preparation.kit_code}"
        )
    )


def count() -> None:
    """One message more through the hatch where the syringe is active."""
    _wrap_prepare(
        lambda preparation: send(SiteSupply(site_code=preparation.site_code, may_supply=True)), by_thread=False
    )


def _told(change: Callable[[Preparation, DoseReady], dict[str, Any]]) -> None:
    """What the ward is told of a syringe is changed, on top of the leaks that were planted before."""
    send_as_before = vars(tell_ward)["send"]

    def send_changed(message: Any, *, deliver_at: Any = None) -> None:
        if isinstance(message, DoseReady):
            preparation = Preparation.objects.get(pack_code=message.pack_code)
            message = replace(message, **change(preparation, message))
        send_as_before(message, deliver_at=deliver_at)

    vars(tell_ward)["send"] = send_changed


def delay() -> None:
    """The ward sees saline earlier: it is quicker to prepare."""
    longer = timedelta(minutes=15)
    _told(lambda preparation, ready: {} if preparation.product == "SALINE" else {"ready_at": ready.ready_at + longer})


def use_before_from_opening() -> None:
    """The rule of before: the quarter hour of the opening plus the in-use period."""
    _told(lambda preparation, _ready: {"use_before": quarter_at_or_before(preparation.opened_at) + timedelta(hours=24)})


def ready_from_release() -> None:
    """The ward reads when the pharmacist was done."""
    _told(lambda preparation, _ready: {"ready_at": preparation.released_at})


def rolled_back() -> None:
    """A row that is inserted and deleted again: only the counter of the table tells."""

    def trace(preparation: Any) -> None:
        from randomization.blinded.sites.models import Duty

        entry = Duty.objects.create(site_id=preparation.site_code, days="", starts="", ends="")
        entry.delete()

    _wrap_prepare(trace)


def order() -> None:
    """Rows in another order: the courses' planned start moves by a microsecond."""

    def move(preparation: Any) -> None:
        course = Course.objects.get(kit_code=preparation.kit_code)
        Course.objects.filter(pk=course.pk).update(first_dose_at=course.first_dose_at + timedelta(microseconds=1))

    _wrap_prepare(move)


LEAKS = {
    "column": column,
    "count": count,
    "delay": delay,
    "rolled_back": rolled_back,
    "order": order,
    "use_before_from_opening": use_before_from_opening,
    "ready_from_release": ready_from_release,
}

"""A delivery, its lot, and a syringe opened from it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.services.prepare import prepare
from pharmacy.stock.models import Lot, Movement
from pharmacy.stock.services.receive import Delivered, receive
from randomization.accounts.roles import Role
from randomization.blinded.bedside.models import Dose
from randomization.shared import clock

SITE = "GR01"
PHARMACIST, PREPARER = cast.at_site(Role.PHARMACIST, SITE), cast.at_site(Role.PREPARER, SITE)
OTHER = cast.at_site(Role.PHARMACIST, "GR02")
EXPIRES_ON = clock.now().date() + timedelta(days=90)
"""The same for every delivery of a lot, on whatever day of a test it comes."""


def line(number: str, units: int = 10, product: str = "ANAKINRA") -> Delivered:
    return Delivered(product, number, EXPIRES_ON, units)


def deliver(number: str, units: int = 10, *, note: str = "note", temperature: str | None = "5") -> Movement:
    read = None if temperature is None else Decimal(temperature)
    return receive(actor=PHARMACIST, site_code=SITE, line=line(number, units), delivery_note=note, temperature_c=read)


def opened(number: int = 1, route: str = "IV", person: str = "") -> Preparation:
    person = person or play.enrol(Case(SITE)).participant
    due = Dose.objects.get(course__participant__number=person, route=route, number=number)
    return prepare(actor=PHARMACIST, dose_uid=due.uid)


def lot(number: str) -> Lot:
    return Lot.objects.get(site_code=SITE, number=number)


def local(moment: Any) -> str:
    return f"{clock.site_moment(moment, 'Europe/Athens'):%Y-%m-%dT%H:%M:%S}"

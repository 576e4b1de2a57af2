"""Doses to prepare, cartons that were read, and syringes that can be released."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.bench import from_cartons
from immunosep_site.demonstration.play import Case
from pharmacy.preparation.labelling import print_labels
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.services.prepare import prepare
from randomization.accounts.roles import Role
from randomization.blinded.bedside.models import Dose

SITE = "GR01"
PHARMACIST = cast.at_site(Role.PHARMACIST, SITE)
HOUR = timedelta(hours=1)


def first_dose(case: Case = Case(SITE), route: str = "IV") -> Dose:  # noqa: B008 (a frozen value)
    number = play.enrol(case).participant
    return Dose.objects.select_related("course__participant").get(
        course__participant__number=number, route=route, number=1
    )


def printed(dose: Dose) -> Preparation:
    """Made, checked and labelled: ready to be released."""
    preparation = prepare(actor=PHARMACIST, dose_uid=dose.uid)
    play.make_and_check([preparation], SITE)
    print_labels(PHARMACIST, preparation.uid)
    return preparation


def doses(case: Case | None = None) -> dict[tuple[str, int], Dose]:
    number = play.enrol(case or Case(SITE, ferritin="9000")).participant
    return {(dose.route, dose.number): dose for dose in Dose.objects.filter(course__participant__number=number)}


def form_of(client: Client, page: str, uids: list[Any], **changed: Any) -> dict[str, Any]:
    """Cartons opened for these syringes, and ticked on the page."""
    preparations = list(Preparation.objects.filter(uid__in=uids))
    taken = {f"cartons_{code}": lot.cartons for code, lot in from_cartons(preparations, SITE).items()}
    shown = client.get(page).content.decode()
    assert all(f'name="{field}"' in shown for field in taken)
    return {**taken, "secret": cast.PASSWORD, "preparations": [str(uid) for uid in uids], **changed}

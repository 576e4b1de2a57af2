"""Prints: counted for each label, a day's in one go, and the same bytes whenever they are printed."""

from __future__ import annotations

import pytest

from immunosep_site.demonstration import cast
from pharmacy.labels.media import LabelKind, Medium
from pharmacy.labels.models import Print
from pharmacy.labels.selectors import was_printed
from pharmacy.labels.sheet import Sheet
from pharmacy.preparation.labelling import print_labels, print_unprinted
from pharmacy.preparation.services.prepare import prepare, prepare_day
from randomization.accounts.roles import Role
from randomization.blinded.sites.models import Site
from tests.both.preparation.steps import doses
from tests.conftest import tampering
from tests.permissions import client_of

pytestmark = pytest.mark.once

SITE = "GR01"
PHARMACIST = cast.at_site(Role.PHARMACIST, SITE)


def test_prints_are_counted_for_each_label_and_a_days_in_one_go(trial: None) -> None:
    doses_by_number = doses()
    syringes = prepare_day(actor=PHARMACIST, kit_code=doses_by_number["IV", 1].course.kit_code).made
    print_labels(PHARMACIST, syringes[0].uid, medium=Medium.SHEET, sheet=Sheet("bag", 3))
    assert not was_printed(syringes[0].pack_code)
    kit = syringes[0].kit_code
    sheet = print_unprinted(PHARMACIST, kit, medium=Medium.SHEET, sheet=Sheet("IV", 5))
    assert sheet.startswith(b"%PDF")
    ivs = [syringe.pack_code for syringe in syringes if syringe.route == "IV"]
    assert set(Print.objects.filter(kind=LabelKind.SYRINGE).values_list("pack_code", flat=True)) == set(ivs)
    assert Print.objects.filter(kind=LabelKind.SYRINGE).values("sha256").distinct().count() == 1
    client = client_of(PHARMACIST)
    thermal = client.post(f"/api/v1/pharmacy/kits/{kit}/labels/?thermal=1")
    assert (thermal.status_code, thermal.content[:3]) == (200, b"^XA"), "the SC syringe was not printed yet"
    assert client.post(f"/pharmacy/kits/{kit}/labels/", {"medium": "zpl"}).status_code == 409
    assert client.get(f"/pharmacy/preparations/{syringes[0].uid}/label.png?kind=bag").content.startswith(b"\x89PNG")


def test_a_label_is_the_same_after_the_sites_particulars_changed(trial: None) -> None:
    preparation = prepare(actor=PHARMACIST, dose_uid=doses()["IV", 1].uid)
    first = print_labels(PHARMACIST, preparation.uid)
    with tampering():
        Site.objects.using("blinded").filter(code=SITE).update(investigator="somebody new", label_language="de")
    assert print_labels(PHARMACIST, preparation.uid, reason="smudged") == first

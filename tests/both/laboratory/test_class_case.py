"""A class corrected after allocation: a case, two signatures, preparation from a dose on; nothing of it below."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.services.finish import release
from pharmacy.preparation.services.prepare import prepare
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.blinded.bedside.models import Dose
from randomization.blinded.screening.models import Participant, Sample
from randomization.hatch.models import InboxMessage
from randomization.notices.models import Entry
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, NotFound, NotPermitted, Refused
from randomization.signatures.signing import sign
from randomization.unblinded.laboratory.models import ClassCase, ClassDecision
from randomization.unblinded.laboratory.selectors import cases_for, class_for_dose
from randomization.unblinded.laboratory.services.analyse import enter_result
from randomization.unblinded.laboratory.services.decide_class import (
    ConfirmClass,
    DecideClass,
    confirm_class,
    decide_class,
)
from tests.both.laboratory.steps import PHARMACIST, SAFETY, SITE, STARTS, case_of, corrected, decide
from tests.conftest import tampering
from tests.permissions import client_of

pytestmark = pytest.mark.once


def confirm(participant: Participant, actor: Actor = SAFETY) -> ClassDecision:
    case = case_of(participant)
    command = ConfirmClass(case, ClassDecision.objects.get(case=case))
    grant = sign(actor=actor, secret=cast.PASSWORD, command=command)
    return confirm_class(actor=actor, case_uid=case.pk, grant=grant)


def class_of(participant: Participant, route: str, number: int) -> str:
    from randomization.blinded.allocation.for_unblinded import allocation_by_uid

    allocation = allocation_by_uid(participant.uid)
    assert allocation is not None
    return class_for_dose(participant.uid, allocation.verdict_uid, route, number)


@pytest.mark.requirement("R07")
def test_a_correction_changes_nothing_until_two_roles_signed(trial: None) -> None:
    before = InboxMessage.objects.count()
    participant = corrected()
    assert InboxMessage.objects.count() - before == 2  # the verdict and receipt of screening
    assert class_of(participant, "IV", 1) == "SIP"
    notice = Entry.objects.get(kind="class_case")
    assert json.loads(notice.payload) == {"participant": participant.number}
    decide(participant)
    assert class_of(participant, "IV", 9) == "SIP"
    with pytest.raises(Refused) as refusal:
        confirm(participant, cast.at_site(Role.PHARMACIST, SITE))
    assert refusal.value.code == "same_role"
    confirm(participant)
    classes = [class_of(participant, route, number) for route, number in (("IV", 1), ("IV", 2), ("SC", 1), ("SC", 8))]
    assert classes == ["SIP", "MALS", "SIP", "MALS"]
    play.pass_hatch()
    assert InboxMessage.objects.count() - before == 2
    assert not Event.objects.using("blinded").filter(action__startswith="class").exists()
    with pytest.raises(Refused):
        confirm(participant)
    with tampering(), pytest.raises(IntegrityError), transaction.atomic():
        ClassDecision.objects.filter(case=case_of(participant)).update(confirmed_role=Role.PHARMACIST)


def test_no_case_where_the_class_stays_or_another_sample_is_corrected(trial: None) -> None:
    participant = corrected(ferritin="1200")
    assert not ClassCase.objects.filter(participant_uid=participant.uid).exists()
    assert corrected(Case(SITE, ferritin="9000"), ferritin="9001").number
    assert not ClassCase.objects.exists()


def test_a_second_correction_takes_the_place_of_the_first(trial: None) -> None:
    participant = corrected()
    first = case_of(participant)
    sample = Sample.objects.get(participant__number=participant.number)
    enter_result(
        actor=cast.laboratory("GR"), sample_uid=sample.uid, analyte="ferritin", value="800", reason="wrong patient"
    )
    assert [row.superseded for row in cases_for(SAFETY)] == [False, True]
    command = DecideClass(participant.number, first.pk, "MALS", STARTS, "x")
    grant = sign(actor=SAFETY, secret=cast.PASSWORD, command=command)
    with pytest.raises(Refused) as refusal:
        decide_class(actor=SAFETY, command=command, grant=grant)
    assert refusal.value.code == "superseded"


def test_what_cannot_be_decided_is_refused_with_its_field(trial: None) -> None:
    participant = corrected()
    for changed, field in (
        ({"immune_class": "UNCLASSIFIED"}, "immune_class"),
        ({"reason": " "}, "reason"),
        ({"starts": {"IV": 2}}, "from"),
        ({"starts": {"IV": 0, "SC": 2}}, "from_IV"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            decide(participant, **changed)
        assert refusal.value.field == field
    with pytest.raises(NotFound):
        decide(participant, cast.at_site(Role.PHARMACIST, "GR02"))
    with pytest.raises(NotPermitted):
        decide(participant, cast.at_site(Role.PREPARER, SITE))
    preparation = play.prepare_and_release(
        Dose.objects.get(course__participant=participant, route="IV", number=1), SITE
    )
    with time_machine.travel(preparation.ready_at + timedelta(minutes=1), tick=False):
        play.pass_hatch()
        with pytest.raises(InvalidInput, match="later dose"):
            decide(participant, starts={"IV": 1, "SC": 1})
        decide(participant)
        with pytest.raises(Refused):
            decide(participant)
        assert confirm(participant).confirmed_by == "safety.officer"


def test_what_was_opened_for_the_old_class_is_not_released(trial: None) -> None:
    participant = corrected()
    dose = Dose.objects.get(course__participant=participant, route="IV", number=2)
    preparation = prepare(actor=PHARMACIST, dose_uid=dose.uid)
    play.make_and_check([preparation], SITE)
    decide(participant, SAFETY)
    confirm(participant, PHARMACIST)
    from pharmacy.preparation.labelling import print_labels

    print_labels(PHARMACIST, preparation.uid)
    with pytest.raises(Refused) as refusal:
        release(actor=PHARMACIST, uid=preparation.uid, barcode=play.label_of(preparation))
    assert refusal.value.code == "class"
    play.pass_hatch()
    preparation.refresh_from_db()
    assert preparation.void_cause == "class"
    again = prepare(actor=PHARMACIST, dose_uid=dose.uid)
    assert again.immune_class == "MALS"
    assert Preparation.objects.filter(dose_uid=dose.uid).count() == 2


def test_the_pages_and_the_api_of_a_case(trial: None) -> None:
    participant = corrected()
    uid = case_of(participant).pk
    pharmacist, safety = client_of(PHARMACIST), client_of(SAFETY)
    assert participant.number.encode() in pharmacist.get("/class-cases/").content
    page = f"/class-cases/{uid}/"
    assert b"From which IV dose on?" in pharmacist.get(page).content
    form = {"immune_class": "MALS", "reason": "agreed", "from_IV": "4", "from_SC": "2", "secret": "wrong"}
    assert pharmacist.post(page, form).status_code == 422
    assert pharmacist.post(page, {**form, "secret": cast.PASSWORD}).status_code == 302
    assert b"waits for the other role" in pharmacist.get("/class-cases/").content
    assert b"Confirm for" in safety.get("/class-cases/").content
    assert safety.post(page + "confirm/", {"secret": cast.PASSWORD}).status_code == 302
    assert safety.get("/api/v1/class-cases/").json()[0]["in_force"] is True
    other = corrected()
    address = f"/api/v1/class-cases/{case_of(other).pk}/decision/"
    body = {
        "immune_class": "MALS",
        "starts": {"IV": 3, "SC": 2},
        "reason": "agreed",
        "user_name": "safety.officer",
        "secret": cast.PASSWORD,
    }
    assert safety.post(address, json.dumps(body), "application/json").status_code == 201
    second = {"user_name": "pharmacist.gr01", "secret": cast.PASSWORD}
    assert pharmacist.post(address, json.dumps(second), "application/json").status_code == 201
    assert class_of(other, "IV", 3) == "MALS"
    assert client_of(cast.at_site(Role.PHARMACIST, "GR02")).get(page).status_code == 404
    assert client_of(cast.laboratory("GR")).get("/class-cases/").status_code == 403

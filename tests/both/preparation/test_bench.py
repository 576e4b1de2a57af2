"""At the bench: two signatures, a patient's day, handing over now, the ward's fixed words."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.bench import lots_read
from immunosep_site.demonstration.play import Case
from pharmacy.labels.models import Print
from pharmacy.preparation.labelling import print_labels, print_unprinted
from pharmacy.preparation.models import Preparation, RiskToBlind
from pharmacy.preparation.second_check import waiting_for_check
from pharmacy.preparation.services.check import ArrangeCheck, CheckSyringes, arrange_check, check, end_arrangement
from pharmacy.preparation.services.finish import hand_over_now, release, void
from pharmacy.preparation.services.prepare import prepare, prepare_day
from pharmacy.preparation.states import Arrangement, Risk
from pharmacy.stock.ledger import Kind
from pharmacy.stock.models import Lot
from pharmacy.stock.selectors import holdings
from pharmacy.worklist.risks import risks_for
from pharmacy.worklist.selectors import worklist
from pharmacy.worklist.services.see_risk import see_risk
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.blinded.bedside.models import Dose, Packaging, WardRequest
from randomization.blinded.bedside.services.ask_pharmacy import ask_pharmacy
from randomization.blinded.bedside.states import WardRequestKind
from randomization.blinded.inbox.models import Applied
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, NotFound, NotPermitted, Refused, SignatureRefused
from randomization.shared.service import Side, on_side
from randomization.signatures.signing import sign
from tests.conftest import tampering
from tests.permissions import client_of
from tests.removing import write_off

pytestmark = pytest.mark.once

SITE = "GR01"
PHARMACIST, PREPARER = cast.at_site(Role.PHARMACIST, SITE), cast.at_site(Role.PREPARER, SITE)
OTHER, NURSE = cast.at_site(Role.PHARMACIST, "GR02"), cast.at_site(Role.NURSE, SITE)
MONITOR, SAFETY = cast.at_site(Role.UNBLINDED_MONITOR, SITE), cast.SAFETY_OFFICER
MINUTE = timedelta(minutes=1)


def patient(case: Case = Case(SITE)) -> dict[tuple[str, int], Dose]:  # noqa: B008 (a frozen value)
    """A new patient's doses by route and number."""
    number = play.enrol(case).participant
    return {(dose.route, dose.number): dose for dose in Dose.objects.filter(course__participant__number=number)}


def opened() -> Preparation:
    return prepare(actor=PHARMACIST, dose_uid=patient()["IV", 1].uid)


def sign_check(
    actor: Actor, preparations: Sequence[Preparation], *, waiver_reason: str = "", secret: str = cast.PASSWORD
) -> None:
    uids = [one.uid for one in preparations]
    command = CheckSyringes(preparations[0].kit_code, uids, lots_read(preparations))
    grant = sign(actor=actor, secret=secret, command=command)
    check(actor=actor, command=command, grant=grant, waiver_reason=waiver_reason)


def arrange(
    kind: Arrangement,
    by_site: str = "",
    *,
    actor: Actor = SAFETY,
    hours: int = 24,
    reason: str = "nights",
    site_code: str = SITE,
) -> None:
    command = ArrangeCheck(site_code, kind, by_site, clock.now() + timedelta(hours=hours), reason)
    grant = sign(actor=actor, secret=cast.PASSWORD, command=command)
    arrange_check(actor=actor, command=command, grant=grant)


def handed(preparation: Preparation) -> Packaging | None:
    return Packaging.objects.filter(pack_code=preparation.pack_code, voided_at=None).first()


@pytest.mark.requirement("R34", "R35")
def test_two_people_sign_and_the_steps_come_in_order(trial: None) -> None:
    syringe = opened()
    with pytest.raises(Refused) as refusal:
        sign_check(PREPARER, [syringe])
    assert refusal.value.code == "preparation_state"
    play.make_syringes([syringe], SITE)
    with pytest.raises(Refused) as refusal:
        sign_check(PHARMACIST, [syringe])
    assert refusal.value.code == "same_person"
    with pytest.raises(SignatureRefused):
        sign_check(PREPARER, [syringe], secret="wrong")
    with pytest.raises(Refused):
        release(actor=PHARMACIST, uid=syringe.uid, barcode=play.label_of(syringe))
    sign_check(PREPARER, [syringe])
    syringe.refresh_from_db()
    assert (syringe.made_by, syringe.checked_by, syringe.check_mode) == ("pharmacist.gr01", "preparer.gr01", "local")
    print_labels(PREPARER, syringe.uid)
    assert release(actor=PREPARER, uid=syringe.uid, barcode=play.label_of(syringe)).released_by == "preparer.gr01"
    actions = ["preparation.open", "preparation.make", "preparation.check", "preparation.release"]
    events = Event.objects.filter(subject=str(syringe.uid), action__in=actions).order_by("id")
    assert [event.action for event in events] == actions
    with tampering(), pytest.raises(IntegrityError), transaction.atomic():
        Preparation.objects.filter(pk=syringe.pk).update(checked_by=syringe.made_by)


def test_who_prepares_alone_has_no_stock_rights_and_somebody_else_can_check(trial: None) -> None:
    for outsider, error in ((OTHER, NotFound), (cast.at_site(Role.CODE_BREAKER, SITE), NotPermitted)):
        preparation = opened()
        play.make_syringes([preparation], SITE)
        with pytest.raises(error):
            sign_check(outsider, [preparation])
    with pytest.raises(InvalidInput, match="One patient"):
        both = [opened(), opened()]
        play.make_syringes(both, SITE)


def test_another_site_covers_and_checks_from_there(trial: None) -> None:
    syringe = opened()
    play.make_syringes([syringe], SITE)
    assert waiting_for_check(OTHER) == []
    attempts: tuple[Callable[[], None], ...] = (
        lambda: arrange(Arrangement.COVER),
        lambda: arrange(Arrangement.COVER, SITE),
        lambda: arrange(Arrangement.WAIVER, "GR02"),
        lambda: arrange(Arrangement.COVER, "ZZ99"),
        lambda: arrange(Arrangement.COVER, "GR02", hours=-1),
        lambda: arrange(Arrangement.COVER, "GR02", reason=" "),
        lambda: arrange(Arrangement.WAIVER, site_code="GR"),
    )
    for wrong in attempts:
        with pytest.raises(InvalidInput):
            wrong()
    with pytest.raises(NotPermitted):
        arrange(Arrangement.COVER, "GR02", actor=PHARMACIST)
    arrange(Arrangement.COVER, "GR02")
    assert [preparation.uid for preparation in waiting_for_check(OTHER)] == [syringe.uid]
    page = f"/pharmacy/kits/{syringe.kit_code}/check/"
    client = client_of(OTHER)
    shown = client.get(page)
    assert b"Draw" in shown.content
    assert b"second person" not in shown.content.split(b"<form")[-1]
    signing = {"secret": cast.PASSWORD, "preparations": [syringe.uid]}
    assert client.post(page, signing).status_code == 422, "which lots were read on the units?"
    assert client.post(page, {**signing, "lots": lots_read([syringe])}).status_code == 302
    syringe.refresh_from_db()
    assert (syringe.checked_by, syringe.check_mode) == ("pharmacist.gr02", "remote")
    with time_machine.travel(clock.now() + timedelta(hours=25), tick=False):
        later = opened()
        play.make_syringes([later], SITE)
        assert waiting_for_check(OTHER) == []


def test_a_waiver_is_signed_by_the_sponsor_and_recorded_each_time(trial: None) -> None:
    arrange(Arrangement.WAIVER)
    preparation = opened()
    play.make_syringes([preparation], SITE)
    with pytest.raises(InvalidInput) as refusal:
        sign_check(PHARMACIST, [preparation])
    assert refusal.value.field == "waiver_reason"
    page = f"/pharmacy/kits/{preparation.kit_code}/check/"
    form = {
        "checker": "",
        "waiver_reason": "nobody answers",
        "secret": cast.PASSWORD,
        "preparations": [preparation.uid],
        "lots": lots_read([preparation]),
    }
    assert client_of(PHARMACIST).post(page, form).status_code == 302
    preparation.refresh_from_db()
    assert (preparation.checked_by, preparation.check_mode) == ("pharmacist.gr01", "waived")
    event = Event.objects.get(action="preparation.check", subject=str(preparation.uid))
    assert json.loads(event.data)["mode"] == "waived"
    assert "text_sha256" in json.loads(event.data)["reason"]
    from pharmacy.preparation.second_check import arrangements

    end_arrangement(actor=SAFETY, arrangement_id=arrangements()[0].pk)
    again = opened()
    play.make_syringes([again], SITE)
    with pytest.raises(Refused, match="somebody else checks it"):
        sign_check(PHARMACIST, [again], waiver_reason="nobody answers")
    with pytest.raises(NotFound):
        end_arrangement(actor=SAFETY, arrangement_id=10_000)


def test_a_patients_day_is_prepared_in_one_step_each(trial: None) -> None:
    doses = patient(Case(SITE, ferritin="9000"))
    kit_code = doses["IV", 1].course.kit_code
    with pytest.raises(NotFound):
        prepare_day(actor=OTHER, kit_code=kit_code)
    with pytest.raises(NotFound):
        prepare_day(actor=PHARMACIST, kit_code="AAAAAAAA")
    syringes = prepare_day(actor=PREPARER, kit_code=kit_code).made
    names = [(syringe.route, syringe.number) for syringe in syringes]
    assert names == [("IV", 1), ("SC", 1), ("IV", 2), ("IV", 3)]
    assert len({syringe.pack_code for syringe in syringes}) == 4
    with pytest.raises(Refused, match="Nothing of this patient"):
        prepare_day(actor=PHARMACIST, kit_code=kit_code)
    play.make_and_check(syringes, SITE)
    client = client_of(PHARMACIST)
    labels = client.post(f"/pharmacy/kits/{kit_code}/labels/")
    assert labels.content.startswith(b"%PDF")
    assert Print.objects.filter(pack_code__in=[syringe.pack_code for syringe in syringes], kind="syringe").count() == 4
    with pytest.raises(Refused):
        print_unprinted(PHARMACIST, kit_code)
    page = f"/pharmacy/kits/{kit_code}/release/"
    foreign = opened()
    wrong = client.post(page, {"barcode": play.label_of(foreign)})
    assert (wrong.status_code, b"another syringe" in wrong.content) == (409, True)
    for left, syringe in enumerate(reversed(syringes), 1):
        answer = client.post(page, {"barcode": play.label_of(syringe)})
        assert answer.headers["Location"] == (page if left < 4 else "/pharmacy/")
    assert {syringe.state for syringe in Preparation.objects.filter(kit_code=kit_code)} == {"released"}


def test_half_way_states_stay_and_a_void_starts_again(trial: None) -> None:
    doses = patient()
    for steps in range(3):
        preparation = prepare(actor=PHARMACIST, dose_uid=doses["IV", 1].uid)
        if steps > 0:
            play.make_syringes([preparation], SITE)
        if steps > 1:
            sign_check(PREPARER, [preparation])
        row = next(row for row in worklist(PREPARER, hours=8) if row.dose.uid == preparation.dose_uid)
        assert row.preparation is not None
        assert row.preparation.state == ("opened", "made", "checked")[steps]
        void(actor=PREPARER, uid=preparation.uid, reason="dropped")
    assert Preparation.objects.filter(dose_uid=doses["IV", 1].uid).count() == 3
    assert not Packaging.objects.filter(dose=doses["IV", 1]).exists()


@pytest.mark.requirement("R13")
def test_handing_over_now_is_a_risk_that_the_monitor_sees(trial: None) -> None:
    doses = patient()
    iv = prepare(actor=PHARMACIST, dose_uid=doses["IV", 1].uid)
    play.make_and_check([iv], SITE)
    print_labels(PHARMACIST, iv.uid)
    with pytest.raises(InvalidInput):
        release(actor=PHARMACIST, uid=iv.uid, barcode=play.label_of(iv), hand_over_reason=" ")
    release(actor=PHARMACIST, uid=iv.uid, barcode=play.label_of(iv), hand_over_reason="patient leaves for surgery")
    play.pass_hatch()
    assert handed(iv) is not None
    second = play.prepare_and_release(doses["SC", 1], SITE)
    play.pass_hatch()
    assert handed(second) is None
    with pytest.raises(InvalidInput):
        hand_over_now(actor=PHARMACIST, uid=second.uid, reason="")
    with pytest.raises(NotFound):
        hand_over_now(actor=OTHER, uid=second.uid, reason="surgery")
    hand_over_now(actor=PHARMACIST, uid=second.uid, reason="surgery")
    with pytest.raises(Refused):
        hand_over_now(actor=PHARMACIST, uid=second.uid, reason="surgery")
    play.pass_hatch()
    assert handed(second) is not None
    with time_machine.travel(clock.now() + timedelta(hours=2), tick=False):
        play.pass_hatch()  # the announcement queued for later finds it there
    assert not Applied.objects.filter(outcome="refused").exists()
    rows = risks_for(MONITOR)
    assert [(row.risk.kind, row.reason) for row in rows] == [
        (Risk.HANDED_OVER, "surgery"),
        (Risk.HANDED_OVER, "patient leaves for surgery"),
    ]
    with pytest.raises(NotFound):
        see_risk(actor=cast.at_site(Role.UNBLINDED_MONITOR, "GR02"), risk_id=rows[0].risk.pk)
    with pytest.raises(NotPermitted):
        see_risk(actor=PHARMACIST, risk_id=rows[0].risk.pk)
    page = client_of(MONITOR)
    assert b"patient leaves for surgery" in page.get("/pharmacy/risks/").content
    assert page.post(f"/pharmacy/risks/{rows[0].risk.pk}/seen/").status_code == 302
    assert RiskToBlind.objects.get(pk=rows[0].risk.pk).seen_by == "unblinded_monitor.gr01"
    assert risks_for(MONITOR)[0].risk.pk == rows[1].risk.pk


def test_a_void_after_handing_over_reaches_the_ward_at_once(trial: None) -> None:
    preparation = play.prepare_and_release(patient()["IV", 1], SITE)
    hand_over_now(actor=PHARMACIST, uid=preparation.uid, reason="surgery")
    play.pass_hatch()
    void(actor=PHARMACIST, uid=preparation.uid, reason="wrong volume")
    play.pass_hatch()
    assert handed(preparation) is None
    with time_machine.travel(clock.now() + timedelta(hours=2), tick=False):
        play.pass_hatch()
    assert handed(preparation) is None
    assert not Applied.objects.filter(outcome="refused").exists()


def test_a_short_route_is_prepared_all_the_same_only_with_a_reason(trial: None) -> None:
    doses = patient()
    for lot in Lot.objects.filter(site_code=SITE, product="INTERFERON"):
        left = holdings([lot.pk])[0].balance
        write_off(actor=PHARMACIST, lot_id=lot.pk, kind=Kind.RETURN, units=left, whole_lot=True, reason="sent away")
    client = client_of(PHARMACIST)
    assert client.post(f"/pharmacy/doses/{doses['IV', 1].uid}/prepare/").headers["Location"].endswith("/make/")
    asked = client.post(f"/pharmacy/doses/{doses['SC', 1].uid}/prepare/").headers["Location"]
    assert asked.endswith("/all-the-same/")
    page = client.get(asked)
    assert b"Not enough INTERFERON" in page.content
    assert client.post(asked, {"override_reason": ""}).status_code == 422
    assert client.post(asked, {"override_reason": "delivery comes tomorrow"}).status_code == 302
    risk = RiskToBlind.objects.get()
    assert (risk.kind, risk.preparation.route) == (Risk.SHORT_ROUTE, "SC")


@pytest.mark.parametrize("kind", list(WardRequestKind))
def test_the_ward_says_one_of_the_fixed_things(trial: None, kind: WardRequestKind) -> None:
    doses = patient()
    dose = doses["IV", 1]

    def ask(actor: Actor = NURSE, of: Dose = dose) -> WardRequest:
        with on_side(Side.BLINDED):
            return ask_pharmacy(actor=actor, dose_uid=of.uid, kind=kind)

    def requests() -> tuple[str, ...]:
        return next(row.requests for row in worklist(PHARMACIST, hours=8) if row.dose.uid == dose.uid)

    for actor, error in (
        (cast.at_site(Role.NURSE, "GR02"), NotFound),
        (cast.at_site(Role.TRIAL_MANAGER, ""), NotPermitted),
    ):
        with pytest.raises(error):
            ask(actor)
    assert requests() == ()
    if kind is WardRequestKind.EARLIER:
        assert ask().pk == ask().pk
        assert requests() == (kind,)
    else:
        with pytest.raises(Refused, match="nothing to replace"):
            ask()
    preparation = play.prepare_and_release(dose, SITE)
    with time_machine.travel(preparation.ready_at + MINUTE, tick=False):
        play.pass_hatch()
        if kind is WardRequestKind.EARLIER:
            with pytest.raises(Refused, match="is ready"):
                ask()
            return
        assert ask().pk == ask().pk
        assert requests() == (kind,)
        assert b"line failed, replace" in client_of(PHARMACIST).get("/pharmacy/").content
        void(actor=PHARMACIST, uid=preparation.uid, reason="the line failed")
        play.pass_hatch()
        assert requests() == ()
        assert Event.objects.using("blinded").filter(action="ward.request").count() == 1


def test_a_wish_about_what_is_released_and_not_yet_shown_reaches_the_pharmacy(trial: None) -> None:
    dose = patient()["IV", 1]
    preparation = play.prepare_and_release(dose, SITE)
    with time_machine.travel(preparation.ready_at - MINUTE, tick=False), on_side(Side.BLINDED):
        ask_pharmacy(actor=NURSE, dose_uid=dose.uid, kind=WardRequestKind.EARLIER)
    row = next(row for row in worklist(PHARMACIST, hours=8) if row.dose.uid == dose.uid)
    assert row.requests == (WardRequestKind.EARLIER,)


def test_preparations_through_a_change_of_the_clock_keep_their_elapsed_hours(trial: None) -> None:
    """In Athens the clock goes forward on the last Sunday of March: use-before is 4 elapsed hours after the plan."""
    sunday = next(
        date(clock.now().year + 1, 3, day)
        for day in range(31, 24, -1)
        if date(clock.now().year + 1, 3, day).weekday() == 6
    )
    night = datetime.combine(sunday, time(21, 10), UTC) - timedelta(days=1)
    with time_machine.travel(night, tick=False):
        preparation = play.prepare_and_release(patient()["IV", 1], SITE)
        assert preparation.use_before - night == timedelta(hours=5)
        before, after = (clock.site_moment(at, "Europe/Athens") for at in (night, preparation.use_before))
        assert (f"{before:%H:%M %z}", f"{after:%H:%M %z}") == ("23:10 +0200", "05:10 +0300")

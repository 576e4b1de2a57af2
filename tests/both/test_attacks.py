"""Attacks that were tried: on names and passwords, on the class, on the order of messages, on what nobody recorded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from pharmacy.preparation.models import Preparation
from randomization.accounts.models import Membership
from randomization.accounts.roles import Role
from randomization.accounts.services.appoint import end_membership
from randomization.audit.models import Event
from randomization.blinded.bedside.models import Dose, Packaging
from randomization.blinded.bedside.services.record_clearance import record_clearance
from randomization.blinded.inbox.models import Applied
from randomization.blinded.screening.models import Participant, Sample
from randomization.blinded.screening.services.record_sample import correct_sample, draw_sample, ship_sample
from randomization.hatch.models import InboxMessage
from randomization.shared import clock
from randomization.shared.errors import Refused
from randomization.shared.service import Side, on_side
from randomization.unblinded.codebreak.pack import PATIENT_BYTES, seal_pack
from randomization.unblinded.codebreak.revealed import Syringe
from randomization.unblinded.codebreak.services.make_pack import Packed
from randomization.unblinded.people.sweeps import sweep as sweep_people
from randomization.unblinded.vault.keyring import PrivateKey
from tests.both.databases import ROOT
from tests.permissions import client_of

SITE = "GR01"
PHARMACIST, COORDINATOR = cast.at_site(Role.PHARMACIST, SITE), cast.at_site(Role.COORDINATOR, SITE)
BREAKER, MONITOR = cast.at_site(Role.CODE_BREAKER, SITE), cast.at_site(Role.UNBLINDED_MONITOR, SITE)
WIDE = {ord(letter): ord(letter) + 0xFEE0 for letter in "abcdefghijklmnopqrstuvwxyz"}


def guess(name: str, password: str = "wrong password") -> int:
    return Client().post("/log-in/", {"username": name, "password": password}).status_code


@pytest.mark.requirement("R33")
def test_another_spelling_of_a_name_is_the_same_name(trial: None) -> None:
    name = "preparer.gr01"
    for turn in range(5):
        assert guess(name.translate(WIDE) if turn % 2 else name.upper()) == 422
    assert guess(name, cast.PASSWORD) == 429
    assert Event.objects.filter(subject=name, action="log_in.failed").count() == 5
    with time_machine.travel(clock.now() + timedelta(minutes=16), tick=False):
        assert guess(name.translate(WIDE), cast.PASSWORD) == 302
    assert Event.objects.filter(subject=name, action="log_in").exists()


@pytest.mark.requirement("R17")
def test_nobodys_guesses_lock_a_code_break_away(trial: None) -> None:
    for _turn in range(5):
        assert guess("investigator.gr01") == 422
    assert guess("investigator.gr01", cast.PASSWORD) == 429
    with time_machine.travel(clock.now() + timedelta(seconds=11), tick=False):
        assert guess("investigator.gr01", cast.PASSWORD) == 302


def test_the_page_that_changes_a_password_is_no_oracle(trial: None) -> None:
    client = client_of(PHARMACIST)
    form = {"old": "wrong password", "new": "a new one that is long"}
    assert [client.post("/password/", form).status_code for _turn in range(6)] == [422] * 6
    assert b"locked for 15 minutes" in client.post("/password/", {**form, "old": cast.PASSWORD}).content
    assert Event.objects.filter(subject=PHARMACIST.user_name, action="password.failed").count() == 5


def test_two_samples_with_two_covid19_answers_are_refused(trial: None) -> None:
    """Eligible with and without COVID-19 would mean MALS: one answer holds for all samples of a participant."""
    number = play.screen(Case(SITE, ferritin="9000")).number
    now = clock.now()
    with on_side(Side.BLINDED), pytest.raises(Refused) as refusal:
        draw_sample(actor=COORDINATOR, number=number, drawn_at=now, covid19=True, reason="haemolysed")
    assert refusal.value.code == "flag_frozen"
    with on_side(Side.BLINDED):
        first = Sample.objects.get(participant__number=number)
        correct_sample(
            actor=COORDINATOR,
            number=number,
            drawn_at=first.drawn_at,
            shipped_at=first.shipped_at,
            covid19=True,
            reason="test came back",
        )
        second = draw_sample(actor=COORDINATOR, number=number, drawn_at=now, covid19=True, reason="haemolysed")
        ship_sample(actor=COORDINATOR, number=number, shipped_at=now)
        with pytest.raises(Refused):
            correct_sample(
                actor=COORDINATOR, number=number, drawn_at=now, shipped_at=now, covid19=False, reason="after all not"
            )
    laboratory, refused = cast.laboratory("GR"), Applied.objects.filter(outcome="refused").count()
    for sample in (first, second):
        play.receive_sample(actor=laboratory, sample_uid=sample.uid, received_at=now)
        for analyte, value in (("ferritin", "9000"), ("hla_dr", "3000")):
            play.enter_result(actor=laboratory, sample_uid=sample.uid, analyte=analyte, value=value)
    play.pass_hatch()
    assert Applied.objects.filter(outcome="refused").count() == refused
    assert [Sample.objects.get(pk=drawn.pk).verdict for drawn in (first, second)] == ["eligible", "eligible"]
    assert Participant.objects.get(number=number).sample_id == second.pk


def test_the_order_of_announcements_does_not_tell_who_was_quicker(trial: None) -> None:
    """Syringes opened in one quarter hour go down in an order that has nothing to do with that of their release."""
    with time_machine.travel(clock.now(), tick=False):
        numbers = [play.enrol(Case(SITE, sepsis_hours_ago=20 + turn)).participant for turn in range(5)]
        doses = list(Dose.objects.filter(course__participant__number__in=numbers, route="IV", number=1))
        ivs = [play.prepare_and_release(dose, SITE) for dose in sorted(doses, key=lambda dose: dose.uid, reverse=True)]
        assert len({syringe.ready_at for syringe in ivs}) == 1
    with time_machine.travel(ivs[0].ready_at, tick=False):
        play.pass_hatch()
    sent = InboxMessage.objects.filter(kind="DoseReady").order_by("number").values_list("payload", flat=True)
    assert [json.loads(payload)["dose_uid"] for payload in sent] == sorted(str(dose.uid) for dose in doses)
    codes = Packaging.objects.filter(dose__in=doses).order_by("id").values_list("pack_code", flat=True)
    assert list(codes) == [syringe.pack_code for syringe in reversed(ivs)]


@pytest.mark.requirement("R13")
def test_every_reading_of_what_unblinds_is_recorded(trial: None) -> None:
    def readings(action: str, actor: Any) -> int:
        return Event.objects.filter(action=action, actor=actor.user_name).count()

    statistician = client_of(cast.STATISTICIAN)
    statistician.get("/audit/?action=preparation.make")
    statistician.get("/api/v1/audit/events/?action=sample.classify")
    assert statistician.get("/audit/export/").status_code == 200
    assert readings("trail.read", cast.STATISTICIAN) == 3
    monitor = client_of(MONITOR)
    for end in ("", "report.pdf", "report.csv"):
        assert monitor.get(f"/pharmacy/accountability/{SITE}/{end}").status_code == 200
        assert monitor.get(f"/api/v1/pharmacy/accountability/{SITE}/{end}").status_code == 200
    assert readings("accountability.read", MONITOR) == 6
    assert client_of(cast.SAFETY_OFFICER).get(f"/pharmacy/accountability/{SITE}/").status_code == 403


def test_the_size_of_a_pack_tells_how_many_are_in_it_and_nothing_else() -> None:
    holder = PrivateKey.generate().custodian("holder-GR01")
    patient = [
        Packed("GR01-001", "7F2QXK9S", arm, (Syringe("IV", drug, amount, None), Syringe("SC", "x", "y", clock.now())))
        for arm, drug, amount in (("PRECISION", "anakinra 100 mg/0.67 mL", "200 mg"), ("CONTROL", "saline", "20 mL"))
    ]
    size, other = (len(seal_pack("GR01", "2026-01-01", [item], holder)) for item in patient)
    assert size == other
    assert len(seal_pack("GR01", "2026-01-01", patient, holder)) == size + PATIENT_BYTES + 1


@pytest.mark.requirement("R32")
def test_a_code_break_ends_with_the_investigators_role_and_memberships_above_can_be_ended(trial: None) -> None:
    with on_side(Side.BLINDED):
        below = Membership.objects.using("blinded").get(account__user_name=BREAKER.user_name, role=Role.INVESTIGATOR)
        end_membership(actor=cast.MANAGER, membership_id=str(below.pk), reason="left the site")
    sweep_people()
    assert Membership.objects.get(account__user_name=BREAKER.user_name, role=Role.CODE_BREAKER).ends_at is not None
    refused = Client().post("/log-in/", {"username": BREAKER.user_name, "password": cast.PASSWORD})
    assert (refused.status_code, b"No role of yours holds now" in refused.content) == (422, True)
    statistician = client_of(cast.STATISTICIAN)
    assert b"preparer.gr01" in statistician.get("/people/").content
    ours = Membership.objects.get(account__user_name="preparer.gr01")
    assert statistician.post(f"/people/{ours.pk}/end/", {"reason": ""}).status_code == 422
    assert statistician.post(f"/people/{ours.pk}/end/", {"reason": "left"}).status_code == 302
    other = Membership.objects.get(account__user_name="preparer.gr02")
    body = json.dumps({"reason": "left"})
    assert statistician.delete(f"/api/v1/people/{other.pk}/", body, "application/json").status_code == 204
    listed = {membership["user_name"] for membership in statistician.get("/api/v1/people/").json()}
    assert not {"preparer.gr01", "preparer.gr02", BREAKER.user_name} & listed


@pytest.mark.requirement("R39")
def test_the_two_sides_do_not_drift_apart_over_a_level_that_came_and_went(trial: None) -> None:
    """80, 20, 80 between two sweeps: below voided, above the level looks unchanged."""
    number = play.enrol(Case(SITE)).participant
    preparation = play.prepare_and_release(
        Dose.objects.get(course__participant__number=number, route="IV", number=1), SITE
    )
    with time_machine.travel(preparation.ready_at + timedelta(minutes=1), tick=False):
        play.pass_hatch()
        for value, minutes in (("20", 3), ("80", 1)):
            clearance = play.ClearanceInput(Decimal(value), "measured", clock.now() - timedelta(minutes=minutes))
            with on_side(Side.BLINDED):
                record_clearance(actor=cast.at_site(Role.NURSE, SITE), number=number, clearance=clearance)
        play.pass_hatch()
        assert Preparation.objects.get(pk=preparation.pk).state == "voided"
        assert play.prepare_and_release(Dose.objects.get(pk=preparation.dose_uid), SITE).state == "released"


def start(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    script = (
        "import immunosep_site.wsgi; from django.conf import settings; print(settings.EMBEDDED, settings.DEMONSTRATION)"
    )
    base = {"PATH": "/usr/bin:/bin", "IMMUNOSEP_VAR": str(folder), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env={**base, **environment}, capture_output=True, text=True
    )


@pytest.mark.once
def test_a_server_of_the_blinded_side_does_not_start_beside_a_key(tmp_path: Path) -> None:
    below = {"IMMUNOSEP_SIDE": "blinded", "IMMUNOSEP_EMBEDDED": "1", "IMMUNOSEP_DEMONSTRATION": "0"}
    assert start(tmp_path, **below).returncode == 0
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "service.key").write_text("x")
    refused = start(tmp_path, **below)
    assert refused.returncode != 0
    assert "private key" in refused.stderr


@pytest.mark.once
def test_an_address_from_a_file_is_a_production_run_on_any_checkout(tmp_path: Path) -> None:
    (tmp_path / "embedded").touch()
    address = tmp_path / "url"
    address.write_text(f"sqlite:////{tmp_path}/x.sqlite3")
    refused = start(tmp_path, IMMUNOSEP_SIDE="blinded", DATABASE_URL_FILE=str(address))
    assert refused.returncode != 0
    assert "Set REDIS_URL" in refused.stderr
    assert os.access(address, os.R_OK)

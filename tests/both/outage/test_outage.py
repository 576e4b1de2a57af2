"""An outage: envelopes sealed like any list, opened on paper, entered afterwards; and codes broken offline."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pypdf import PdfReader

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.play import Case
from pharmacy.accountability.report import Fate
from pharmacy.accountability.selectors import report_of
from pharmacy.outage.services.print_envelope import print_envelopes
from pharmacy.outage.web import EnterForm
from pharmacy.preparation.instruction import products
from pharmacy.preparation.models import EnvelopeLabel
from pharmacy.preparation.units_taken import TypedLot
from pharmacy.stock.read_pack import Typed
from pharmacy.stock.services.cartons import open_carton
from randomization.accounts.roles import Role
from randomization.audit.models import Event
from randomization.blinded.allocation.models import Allocation, AllocationList
from randomization.blinded.allocation.selectors import published_list
from randomization.blinded.bedside.models import Dose
from randomization.blinded.bedside.services.administer import administer
from randomization.blinded.inbox.models import Applied
from randomization.shared import clock
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import InvalidInput, NotFound, NotPermitted, Refused, TrialError
from randomization.shared.ids import Barcode
from randomization.shared.service import Side, on_side
from randomization.unblinded.lists.models import AssignmentAccess, SealedList
from randomization.unblinded.lists.services.generate_lists import generate_fallback
from randomization.unblinded.lists.verify import verify_list
from tests.both.outage.steps import HOUR, PHARMACIST, SITE, eligible, enter, enter_made
from tests.permissions import client_of

pytestmark = pytest.mark.once


@pytest.mark.requirement("R10", "R01")
def test_envelopes_are_sealed_committed_and_never_used_online(printed: list[Any]) -> None:
    sealed = SealedList.objects.get(context="IMMUNOSEP/GR01:FALLBACK/1")
    assert sealed.length >= 6
    below = AllocationList.objects.get(uid=sealed.uid)
    assert (below.state, below.root) == ("fallback", sealed.root)
    assert verify_list(sealed.uid, published=published_list(sealed.uid)).length == sealed.length
    kits = {item.kit_code for item in printed}
    for _turn in range(4):
        play.enrol(Case(SITE))
    assert not Allocation.objects.filter(kit_code__in=kits).exists()
    with pytest.raises(NotPermitted):
        generate_fallback(actor=PHARMACIST, site_codes=[SITE])
    with pytest.raises(InvalidInput):
        generate_fallback(actor=cast.STATISTICIAN, site_codes=[SITE], length=0)


def test_an_envelope_holds_what_its_position_means_and_labels_that_give_nothing_away(printed: list[Any]) -> None:
    assert AssignmentAccess.objects.filter(purpose="envelope").count() == len(printed)
    for item in printed:
        pages = PdfReader(io.BytesIO(item.instructions)).pages
        cover, inside = pages[0].extract_text(), pages[1].extract_text()
        assert item.kit_code[:4] in cover
        assert "anakinra" not in cover
        assert "sodium chloride" in inside
    active = ["anakinra" in PdfReader(io.BytesIO(item.instructions)).pages[1].extract_text() for item in printed]
    assert any(active)
    assert not all(active)
    labels = [PdfReader(io.BytesIO(item.labels)).pages for item in printed]
    assert {len(pages) for pages in labels} == {16}  # syringe and bag of IV 1 to 3 and SC 1, at both levels
    codes = EnvelopeLabel.objects.filter(site_code=SITE)
    assert codes.count() == 8 * len(printed)
    again = print_envelopes(actor=cast.STATISTICIAN, site_code=SITE, position=2)
    assert codes.count() == 8 * len(printed)
    assert again[0].kit_code == printed[1].kit_code
    refusals: tuple[tuple[dict[str, Any], type[TrialError]], ...] = (
        ({"actor": PHARMACIST, "site_code": SITE}, NotPermitted),
        ({"actor": SYSTEM, "site_code": "GR02"}, Refused),
        ({"actor": SYSTEM, "site_code": SITE, "position": 99}, InvalidInput),
    )
    for arguments, error in refusals:
        with pytest.raises(error):
            print_envelopes(**arguments)


@pytest.mark.requirement("R10")
def test_two_patients_of_an_outage_are_entered_given_and_reconciled(printed: list[Any]) -> None:
    numbers = [eligible(), eligible()]
    for number, item in zip(numbers, printed, strict=False):
        label = EnvelopeLabel.objects.get(kit_code=item.kit_code, route="IV", number=1, level="full")
        with pytest.raises(Refused) as refusal:
            enter_made(label)
        assert refusal.value.code == "not_allocated"
        assert enter(number, item.kit_code).created
        assert not enter(number, item.kit_code).created
        preparation = enter_made(label)
        assert (preparation.from_envelope, preparation.state, preparation.made_by) == (
            True,
            "released",
            "pharmacist.gr01",
        )
        with pytest.raises(Refused):
            enter_made(label)
        play.pass_hatch()
        with on_side(Side.BLINDED):
            administration = administer(
                actor=cast.at_site(Role.NURSE, SITE),
                participant_number=number,
                barcode=play.label_of(preparation),
                at=clock.now() - timedelta(minutes=20),
                reason="entered after the outage",
            )
        assert administration.outcome == "given"
        event = Event.objects.using("blinded").get(action="participant.allocate", subject=number)
        assert "envelope_opened_at" in json.loads(event.data)
        later = play.prepare_and_release(
            Dose.objects.get(course__participant__number=number, route="IV", number=2), SITE
        )
        assert later.product == preparation.product
    assert not Applied.objects.filter(outcome="refused").exists()
    report = report_of(PHARMACIST, SITE)
    assert (report.unexplained, report.count(Fate.GIVEN)) == (0, 2)


def test_what_cannot_be_entered_is_refused(printed: list[Any]) -> None:
    number, kit_code = eligible(), printed[0].kit_code
    live = play.enrol(Case(SITE)).kit_code
    refused: tuple[tuple[str, dict[str, Any]], ...] = (
        (live, {}),
        ("7F2QXK9D", {}),
        (kit_code, {"opened": -HOUR}),
        (kit_code, {"first": 2 * HOUR}),
    )
    for kit, times in refused:
        with pytest.raises(InvalidInput):
            enter(number, kit, **times)
    enter(number, kit_code)
    with pytest.raises(Refused) as refusal:
        enter(eligible(), kit_code)
    assert refusal.value.code == "envelope_used"
    with pytest.raises(Refused):
        enter(number, printed[1].kit_code)
    label = EnvelopeLabel.objects.get(kit_code=kit_code, route="IV", number=1, level="full")
    attempts: tuple[tuple[dict[str, Any], str], ...] = (
        ({"checked_by": "pharmacist.gr01"}, "checked_by"),
        ({"made_by": "nurse.gr01"}, "made_by"),
        ({"at": clock.now() + HOUR}, "prepared_at"),
    )
    for changed, field in attempts:
        with pytest.raises(InvalidInput) as wrong:
            enter_made(label, **changed)
        assert wrong.value.field == field
    unknown = EnvelopeLabel(kit_code=kit_code, route="IV", number=1, pack_code=live)
    with pytest.raises(NotFound):
        enter_made(unknown)


def test_the_pages_and_commands_of_an_outage(printed: list[Any], tmp_path: Path) -> None:
    number, item = eligible(), printed[0]
    enter(number, item.kit_code)
    label = EnvelopeLabel.objects.get(kit_code=item.kit_code, route="SC", number=1, level="full")
    barcode = str(Barcode(label.kit_code, label.route, label.number, label.pack_code))
    client = client_of(PHARMACIST)
    local = clock.site_moment(clock.now() - HOUR / 2, "Europe/Athens")
    in_a_year = f"{clock.now() + timedelta(days=365):%Y-%m-%d}"
    named = play.hospital_lots()
    form = {
        "barcode": barcode,
        "prepared_at": f"{local:%Y-%m-%dT%H:%M}",
        "made_by": "pharmacist.gr01",
        "checked_by": "preparer.gr01",
        "lot_SALINE": "H-9",
        "expires_SALINE": in_a_year,
        "lot_ANAKINRA": named["ANAKINRA"].number,
        "lot_INTERFERON": named["INTERFERON"].number,
        "secret": "wrong",
    }
    assert client.post("/pharmacy/envelopes/", form).status_code == 422
    assert client.post("/pharmacy/envelopes/", {**form, "secret": cast.PASSWORD}).status_code == 302
    _check_lots_used_before(client, form)
    label = EnvelopeLabel.objects.get(kit_code=item.kit_code, route="IV", number=1, level="full")
    body = {
        "barcode": str(Barcode(label.kit_code, label.route, label.number, label.pack_code)),
        "prepared_at": clock.stamp(clock.now() - HOUR / 2),
        "made_by": "pharmacist.gr01",
        "checked_by": "preparer.gr01",
        "lots": {
            "SALINE": {"number": "H-9", "expires_on": in_a_year},
            "ANAKINRA": {"number": named["ANAKINRA"].number},
        },
        "user_name": "pharmacist.gr01",
        "secret": cast.PASSWORD,
    }
    answer = client.post("/api/v1/pharmacy/preparations/envelopes/", json.dumps(body), "application/json")
    assert answer.json()["state"] == "released"
    out = io.StringIO()
    call_command("outage_pack", "--site", "gr 01", "--out", str(tmp_path / "pack"), stdout=out)
    assert len(list((tmp_path / "pack").glob("*.pdf"))) == 2 * len(printed)
    with pytest.raises(CommandError, match="no fallback list"):
        call_command("outage_pack", "--site", "DE01", "--out", str(tmp_path / "pack"))
    call_command("generate_lists", "--site", "DE01", "--fallback", stdout=out)
    assert "IMMUNOSEP/DE01:FALLBACK/1" in out.getvalue()
    with pytest.raises(CommandError, match="--length"):
        call_command("generate_lists", "--site", "DE01")


def _check_lots_used_before(client: Client, form: dict[str, str]) -> None:
    """The hospital's lots that were used here are offered with their expiry, which then need not be typed."""
    in_a_year = (clock.now() + timedelta(days=365)).date()
    read = Typed("H-9", in_a_year, reason="no code on it")
    recorded = open_carton(actor=PHARMACIST, site_code=SITE, product="SALINE", typed=read).lot
    offered = f'<option value="H-9">H-9, expires {recorded.last_day:%d %b %Y}</option>'
    assert offered in client.get("/pharmacy/envelopes/").content.decode()
    chosen = {**form, "lot_SALINE": "", "expires_SALINE": "", "known_SALINE": "H-9"}
    filled = EnterForm(chosen, zone="Europe/Athens", needed=products(SITE))
    assert filled.is_valid(), filled.errors
    assert filled.lots()["SALINE"] == TypedLot("H-9", recorded.last_day)
    assert "known_ANAKINRA" not in filled.fields, "what is booked in is read on the paper"
    typed = EnterForm({**chosen, "lot_SALINE": "H-10"}, zone="Europe/Athens", needed=products(SITE))
    assert typed.is_valid()
    assert typed.lots()["SALINE"] == TypedLot("H-10"), "what was typed is not given the expiry of another lot"


@pytest.mark.requirement("R21")
def test_a_code_is_broken_offline_from_the_sites_pack(trial: None, tmp_path: Path) -> None:
    first, second = play.enrol(Case(SITE, ferritin="9000")), play.enrol(Case(SITE))
    elsewhere = play.enrol(Case("GR02"))
    secret = tmp_path / "passphrase"
    secret.write_text("correct horse battery staple")
    out = io.StringIO()

    def run(*words: str) -> str:
        out.truncate(0)
        out.seek(0)
        call_command(*words, stdout=out)
        return out.getvalue()

    folder, pack = str(tmp_path), str(tmp_path / "GR01.pack")
    run("create_holder_key", "--site", SITE, "--out", folder, "--passphrase-file", str(secret))
    output = run("code_break_pack", "--site", SITE, "--holder", f"{folder}/holder-GR01.pub", "--out", pack)
    assert not any(word in output for word in ("PRECISION", "CONTROL"))
    content = Path(pack).read_bytes()
    assert b"PRECISION" not in content
    assert b"GR01-" not in content
    assert (
        AssignmentAccess.objects.filter(purpose="code break pack").count()
        == Dose.objects.filter(number=1, route="IV", course__participant__site_id=SITE).count()
    )
    key = ("--key", f"{folder}/holder-GR01.key", "--passphrase-file", str(secret))
    read = run("open_code_break_pack", pack, *key, "--patient", first.participant)
    assert first.participant in read
    assert "PRECISION" in read or "CONTROL" in read
    assert "anakinra" in read or "sodium chloride" in read
    assert second.participant in run("open_code_break_pack", pack, *key, "--patient", second.kit_code)
    with pytest.raises(CommandError, match="not in the pack"):
        run("open_code_break_pack", pack, *key, "--patient", elsewhere.participant)
    wrong = tmp_path / "wrong"
    wrong.write_text("something else")
    with pytest.raises(CommandError, match="wrong passphrase"):
        run("open_code_break_pack", pack, *key[:3], str(wrong), "--patient", first.participant)
    Path(pack).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(CommandError, match="does not open"):
        run("open_code_break_pack", pack, *key, "--patient", first.participant)
    Path(pack).write_bytes(b"not a pack")
    with pytest.raises(CommandError, match="not a code-break pack"):
        run("open_code_break_pack", pack, *key, "--patient", first.participant)
    with pytest.raises(CommandError, match="no site code"):
        run("create_holder_key", "--site", "Athens", "--out", folder, "--passphrase-file", str(secret))
    with pytest.raises(CommandError, match="never overwritten"):
        run("create_holder_key", "--site", SITE, "--out", folder, "--passphrase-file", str(secret))

"""Pages of the blinded side with 10,000 participants at 33 sites: statements and milliseconds of CPU of each.

Run by `make bench`, in a process of the blinded side with a folder of its own. Rows are written in bulk, not by
services: what is measured is reading.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from statistics import median
from typing import Any
from uuid import uuid4

FOLDER = tempfile.mkdtemp(prefix="immunosep-pages-")
os.environ.update(
    IMMUNOSEP_SIDE="blinded",
    IMMUNOSEP_EMBEDDED="1",
    IMMUNOSEP_DEMONSTRATION="1",
    IMMUNOSEP_VAR=FOLDER,
    DJANGO_SETTINGS_MODULE="immunosep_site.settings.blinded",
)

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.test import Client

from immunosep_site.demonstration.fixtures import FIXTURES
from immunosep_site.demonstration.password import PASSWORD
from randomization.accounts.roles import Role
from randomization.accounts.services.appoint import Delegation, appoint
from randomization.audit.record import record
from randomization.blinded.allocation.models import Allocation, AllocationList, Slot
from randomization.blinded.bedside.models import Course, Dose
from randomization.blinded.bedside.schedule import planned_doses
from randomization.blinded.desk.alert_conditions import concerns
from randomization.blinded.screening.models import Assessment, Confirmation, Consent, Participant, Sample
from randomization.blinded.sites.models import Site
from randomization.blinded.sites.selectors import protocol_of_trial
from randomization.blinded.sites.services.register_protocol import approve_protocol, register_protocol
from randomization.blinded.sites.services.register_sites import register_sites
from randomization.blinded.sites.site_file import load_sites
from randomization.shared import clock
from randomization.shared.actor import SYSTEM, Actor
from randomization.shared.ids import new_kit_code
from randomization.shared.service import service

EVERY, ALLOCATED = 10_000, 4_200
ROUNDS = 5
BOUND_PAGE, BOUND_DESK = 60.0, 300.0
PAGES = (
    ("coordinator.gr01", "/", BOUND_PAGE),
    ("coordinator.gr01", "/participants/", BOUND_PAGE),
    ("coordinator.gr01", "/participants/?state=all", BOUND_PAGE),
    ("coordinator.gr01", "{allocated}", BOUND_PAGE),
    ("coordinator.gr01", "{allocated}doses/", BOUND_PAGE),
    ("coordinator.gr01", "{screened}", BOUND_PAGE),
    ("coordinator.gr01", "{screened}eligibility/", BOUND_PAGE),
    ("coordinator.gr01", "/deviations/", BOUND_PAGE),
    ("nurse.gr01", "/bedside/", BOUND_PAGE),
    ("nurse.gr01", "/bedside/handover/", BOUND_PAGE),
    ("manager", "/participants/", BOUND_PAGE),
    ("manager", "/participants/?state=all&page=90", BOUND_PAGE),
    ("manager", "/audit/", BOUND_PAGE),
    ("manager", "/audit/?subject=GR01-001", BOUND_PAGE),
    ("manager", "/sites/", BOUND_PAGE),
    ("manager", "/people/review/", BOUND_PAGE),
    ("manager", "/alerts/", BOUND_PAGE),
    ("manager", "/overview/", BOUND_DESK),
    ("manager", "/overview/recruitment/", BOUND_DESK),
    ("manager", "/overview/flow/", BOUND_DESK),
)


@service
def write_events(*, actor: Actor, numbers: list[str], site_code: str) -> None:
    """Some events a participant, through the chain."""
    for number in numbers:
        for action in ("participant.register", "consent.record", "sample.draw"):
            record(actor=actor, action=action, subject=number, stream=site_code)


def people() -> None:
    """The three who look."""
    for name, role, reach in (
        ("coordinator.gr01", Role.COORDINATOR, "GR01"),
        ("nurse.gr01", Role.NURSE, "GR01"),
        ("manager", Role.TRIAL_MANAGER, ""),
    ):
        appoint(
            actor=SYSTEM,
            delegation=Delegation(name, f"{name}@example.org", role, reach, "log", "1"),
            password=PASSWORD,
        )


def fill(now: datetime) -> tuple[str, str]:
    """Ten thousand participants, spread over two years; an allocated and a screened one of GR01."""
    protocol = protocol_of_trial()
    assert protocol is not None
    answers = json.dumps({item.key: item.kind == "inclusion" for item in protocol.eligibility.criteria})
    sites = list(Site.objects.order_by("code"))
    lists = {
        site.code: AllocationList.objects.create(
            site=site, stratum_uid=uuid4(), version=1, length=500, state="open", root="ab" * 32, sealed_at=now
        )
        for site in sites
    }
    persons: list[Participant] = []
    for order in range(EVERY):
        site = sites[order % len(sites)]
        number = order // len(sites) + 1
        sepsis = now - timedelta(hours=20) - timedelta(minutes=105) * (EVERY - order)
        allocated = order % 100 < 100 * ALLOCATED // EVERY
        state = "allocated" if allocated else "screening" if sepsis > now - timedelta(days=3) else "not_eligible"
        persons.append(
            Participant(
                number=f"{site.code}-{number:03d}",
                site=site,
                home=site,
                order=number,
                sepsis_at=sepsis,
                screened_at=sepsis + timedelta(hours=3),
                state=state,
            )
        )
    Participant.objects.bulk_create(persons)
    for index, participant in enumerate(persons):
        at = participant.screened_at
        participant.consent = Consent(
            participant=participant,
            given_by="patient",
            form_version="1.0",
            given_at=at,
            taken_by="coordinator",
            recorded_at=at,
        )
        participant.assessment = Assessment(
            participant=participant,
            answers=answers,
            sex="male",
            year_of_birth=1940 + index % 60,
            neutrophils_per_mm3=9000,
            recorded_by="coordinator",
            recorded_at=at,
        )
        participant.sample = Sample(
            participant=participant,
            covid19=False,
            drawn_at=at,
            shipped_at=at,
            received_at=at,
            verdict="eligible",
            verdict_uid=uuid4(),
        )
        if participant.state != "screening":
            participant.confirmation = Confirmation(
                participant=participant,
                signature=uuid4(),
                signed_by="investigator",
                signed_at=at,
                content_hash="0" * 64,
                eligible=participant.state == "allocated",
                reasons=json.dumps([["verdict", "x"], ["malignancy", "y"]]),
            )
    Consent.objects.bulk_create([p.consent for p in persons if p.consent])
    Assessment.objects.bulk_create([p.assessment for p in persons if p.assessment])
    Sample.objects.bulk_create([p.sample for p in persons if p.sample])
    Confirmation.objects.bulk_create([p.confirmation for p in persons if p.confirmation])
    Participant.objects.bulk_update(persons, ["consent", "assessment", "sample", "confirmation"], batch_size=500)
    treat([participant for participant in persons if participant.state == "allocated"], lists, now)
    for site in sites:
        write_events(actor=SYSTEM, site_code=site.code, numbers=[p.number for p in persons if p.site_id == site.code])
    here = [participant for participant in persons if participant.site_id == "GR01"]
    allocated_here = [participant.number for participant in here if participant.state == "allocated"]
    return allocated_here[-1], next(
        participant.number for participant in reversed(here) if participant.state == "screening"
    )


def treat(persons: list[Participant], lists: dict[str, AllocationList], now: datetime) -> None:
    """Slots, allocations, courses and 53 doses each, given where they lie in the past."""
    protocol = protocol_of_trial()
    assert protocol is not None
    positions = dict.fromkeys(lists, 0)
    slots, allocations, courses, doses = [], [], [], []
    for participant in persons:
        positions[participant.site_id] += 1
        kit, allocation_list, start = (
            new_kit_code(),
            lists[participant.site_id],
            participant.sepsis_at + timedelta(hours=30),
        )
        slot = Slot(list=allocation_list, position=positions[participant.site_id], kit_code=kit)
        slots.append(slot)
        allocations.append(
            Allocation(
                participant=participant,
                slot=slot,
                list=allocation_list,
                position=slot.position,
                kit_code=kit,
                verdict_uid=uuid4(),
                signature=uuid4(),
                allocated_by="coordinator",
                allocated_at=start,
            )
        )
        course = Course(participant=participant, kit_code=kit, first_dose_at=start, anchored_at=start)
        courses.append(course)
        for dose in planned_doses(first_dose_at=start, regimen=protocol.regimen):
            state = "given" if dose.at < now - timedelta(minutes=30) else "planned"
            doses.append(Dose(course=course, route=dose.route, number=dose.number, planned_at=dose.at, state=state))
    Slot.objects.bulk_create(slots)
    Allocation.objects.bulk_create(allocations)
    Course.objects.bulk_create(courses)
    Dose.objects.bulk_create(doses, batch_size=5000)


def cpu_ms(client: Client, address: str) -> tuple[float, int]:
    """Median milliseconds of CPU of a page, and its statements."""
    statements = 0

    def count(execute: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(*arguments)

    with connection.execute_wrapper(count):
        answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    spent = []
    for _turn in range(ROUNDS):
        started = time.process_time()
        client.get(address)
        spent.append((time.process_time() - started) * 1000)
    return median(spent), statements


def main() -> None:
    """Fill, look, print one line a page."""
    call_command("migrate", verbosity=0)
    entries = load_sites(FIXTURES / "sites.toml")
    register_sites(actor=SYSTEM, entries=entries)
    register_protocol(actor=SYSTEM, text=(FIXTURES / "protocol.toml").read_text(encoding="utf-8"))
    approve_protocol(actor=SYSTEM, version="1", site_codes=[entry.code for entry in entries])
    people()
    allocated, screened = fill(clock.now())
    clients = {}
    for name in {user for user, _path, _bound in PAGES}:
        clients[name] = Client()
        clients[name].post("/log-in/", {"username": name, "password": PASSWORD})
    print(
        f"\n{EVERY} participants, {ALLOCATED} randomised, 33 sites{'':25}{'CPU ms':>10}{'limit':>8}{'statements':>12}"
    )
    places = {"allocated": f"/participants/{allocated}/", "screened": f"/participants/{screened}/"}
    for name, page, limit in PAGES:
        spent, statements = cpu_ms(clients[name], page.format(**places))
        print(f"{name + ' ' + page:64}{spent:>10.1f}{limit:>8.0f}{statements:>12}")
    started = time.process_time()
    alerts = concerns()
    print(f"{f'the sweep that watches ({len(alerts)} alerts)':64}{(time.process_time() - started) * 1000:>10.1f}")


if __name__ == "__main__":
    main()

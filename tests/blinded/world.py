"""A blinded side as the hatch left it: sites, people, one allocated participant with a dose that is ready."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid4

from immunosep_site.demonstration.fixtures import FIXTURES
from immunosep_site.demonstration.password import PASSWORD
from randomization.accounts.roles import Role
from randomization.accounts.services.appoint import Delegation, appoint
from randomization.blinded.allocation.services.allocate import Allocate, allocate
from randomization.blinded.bedside.models import Dose
from randomization.blinded.bedside.services.record_clearance import ClearanceInput
from randomization.blinded.inbox.services.apply_next import apply_inbox
from randomization.blinded.screening.same_person import identity_of
from randomization.blinded.screening.selectors import find_participant
from randomization.blinded.screening.services.answer_identity import answer_identity
from randomization.blinded.screening.services.confirm_eligibility import ConfirmEligibility, confirm_eligibility
from randomization.blinded.screening.services.record_consent import record_consent
from randomization.blinded.screening.services.record_eligibility import record_eligibility
from randomization.blinded.screening.services.record_sample import draw_sample, ship_sample
from randomization.blinded.screening.services.register_participant import register_participant
from randomization.blinded.sites.selectors import protocol_in_force
from randomization.blinded.sites.services.register_protocol import approve_protocol, register_protocol
from randomization.blinded.sites.services.register_sites import register_sites
from randomization.blinded.sites.site_file import load_sites
from randomization.hatch import messages
from randomization.shared import clock
from randomization.shared.actor import SYSTEM, Actor
from randomization.shared.ids import Barcode, new_kit_code
from randomization.signatures.signing import sign
from tests.signed import Hand, insert

SITES: Final = ("GR01", "GR02")
AT_SITE: Final = (Role.COORDINATOR, Role.INVESTIGATOR, Role.NURSE, Role.BLINDED_MONITOR)
MANAGER: Final = Actor("manager", Role.TRIAL_MANAGER, "")
AUDITOR: Final = Actor("auditor", Role.AUDITOR, "")
NUMBER: Final = "GR01-001"


def at(role: Role, site_code: str = "GR01") -> Actor:
    return Actor(f"{role.value}.{site_code.lower()}", role, site_code)


def everybody() -> list[Actor]:
    """One of each blinded role, and the coordinator of another site."""
    return [MANAGER, AUDITOR, *(at(role) for role in AT_SITE), at(Role.COORDINATOR, "GR02")]


HAND: Final = Hand.new()


def send(message: messages.Message) -> None:
    """As the other side would: one signed row in the inbox, then applied."""
    insert(HAND.row(message))
    apply_inbox()


def screen(site_code: str = "GR01", **answers: bool) -> str:
    """Screen one participant up to a shipped sample; the number."""
    coordinator, now = at(Role.COORDINATOR, site_code), clock.now()
    participant = register_participant(actor=coordinator, site_code=site_code, sepsis_at=now - timedelta(hours=30))
    record_consent(
        actor=coordinator,
        number=participant.number,
        given_by="patient",
        form_version="1.0",
        given_at=now - timedelta(hours=6),
    )
    criteria = protocol_in_force(site_code).eligibility.criteria
    record_eligibility(
        actor=coordinator,
        number=participant.number,
        sex="female",
        year_of_birth=1960,
        neutrophils_per_mm3=9000,
        answers={**{item.key: item.kind == "inclusion" for item in criteria}, **answers},
    )
    known = identity_of(find_participant(coordinator, participant.number))
    same = {look_alike.number: bool(look_alike.is_same) for look_alike in known.look_alikes}
    answer_identity(actor=coordinator, number=participant.number, same=same, elsewhere=False)
    draw_sample(actor=coordinator, number=participant.number, drawn_at=now - timedelta(hours=5), covid19=False)
    ship_sample(actor=coordinator, number=participant.number, shipped_at=now - timedelta(hours=4))
    return participant.number


def verdict(number: str, words: str = "eligible") -> None:
    sample = find_participant(SYSTEM, number).sample
    assert sample is not None
    send(messages.LaboratoryVerdict(sample.uid, uuid4(), words, False, None))


def confirm(number: str) -> None:
    actor = at(Role.INVESTIGATOR, number[:4])
    grant = sign(actor=actor, secret=PASSWORD, command=ConfirmEligibility(find_participant(actor, number)))
    confirm_eligibility(actor=actor, number=number, grant=grant)


def randomise(number: str) -> str:
    actor = at(Role.COORDINATOR, number[:4])
    clearance = ClearanceInput(Decimal(80), "measured", clock.now() - timedelta(hours=1))
    command = Allocate(number, clearance)
    grant = sign(actor=actor, secret=PASSWORD, command=command)
    return allocate(actor=actor, command=command, grant=grant).kit_code


def ready(dose: Dose, **changed: Any) -> str:
    """Announce a packaging of a dose; the barcode of its label."""
    pack_code = new_kit_code()
    now = clock.now()
    message = {
        "dose_uid": dose.uid,
        "site_code": dose.course.participant.site_id,
        "pack_code": pack_code,
        "ready_at": now - timedelta(minutes=1),
        "use_before": now + timedelta(hours=20),
        **changed,
    }
    send(messages.DoseReady(**message))
    return str(Barcode(dose.course.kit_code, dose.route, dose.number, message["pack_code"]))


def seal(site_code: str, stratum: UUID | None = None, version: int = 1, length: int = 12) -> None:
    slots = tuple((uuid4(), new_kit_code()) for _turn in range(length))
    send(messages.SlotsSealed(uuid4(), site_code, stratum or uuid4(), version, "ab" * 32, slots))


def set_up() -> None:
    """Called once a run."""
    HAND.publish()
    entries = [entry for entry in load_sites(FIXTURES / "sites.toml") if entry.code in SITES]
    register_sites(actor=SYSTEM, entries=entries)
    register_protocol(actor=SYSTEM, text=(FIXTURES / "protocol.toml").read_text(encoding="utf-8"))
    approve_protocol(actor=SYSTEM, version="1", site_codes=SITES)
    people = [MANAGER, AUDITOR, *(at(role, code) for code in SITES for role in AT_SITE)]
    for actor in people:
        appoint(
            actor=SYSTEM,
            password=PASSWORD,
            delegation=Delegation(
                actor.user_name,
                f"{actor.user_name}@example.org",
                Role(actor.role),
                actor.site_code,
                delegated_by="delegation log",
                trained_for="1",
            ),
        )
    for site_code in SITES:
        seal(site_code)
        send(messages.DrillDone(site_code))
        send(messages.SiteSupply(site_code, True))
    number = screen()
    verdict(number)
    confirm(number)
    randomise(number)

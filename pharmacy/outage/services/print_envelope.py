"""Print the envelopes of a site for an outage: instructions and labels of the first 24 hours, opened and recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from pharmacy.labels.sheet import labels_pdf
from pharmacy.labels.text import LabelSubject
from pharmacy.preparation.models import EnvelopeLabel
from pharmacy.preparation.services.prepare import new_pack_code
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.bedside.for_unblinded import planned_doses
from randomization.blinded.sites.for_unblinded import label_site, protocol_in_force, site
from randomization.documents.pdf import render
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.ids import dose_name, show_code
from randomization.shared.protocol import CLASSES, Regimen
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.unblinded.formulary.contents import Level
from randomization.unblinded.lists.assignment_access import Assignment, open_assignment
from randomization.unblinded.lists.plan_and_protocol import check_syringes_agree
from randomization.unblinded.lists.selectors import envelopes

TEMPLATE: Final = Path(__file__).parent.parent / "typst" / "envelope.typ"
HOURS: Final = 24
HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Envelope:
    """One envelope: what goes on paper into it, and the labels of its syringes."""

    position: int
    kit_code: str
    instructions: bytes
    labels: bytes


def _labels(site_code: str, slot_uid: UUID, kit_code: str) -> list[EnvelopeLabel]:
    """The packaging codes of an envelope, drawn once: the doses of the first 24 hours at both levels."""
    regimen, start = protocol_in_force(site_code).regimen, clock.now()
    first = [
        dose
        for dose in planned_doses(first_dose_at=start, regimen=regimen)
        if (dose.at - start).total_seconds() < HOURS * 3600
    ]
    labels = []
    for level in Level:
        for dose in first:
            label, _created = EnvelopeLabel.objects.get_or_create(
                kit_code=kit_code,
                route=dose.route,
                number=dose.number,
                level=level,
                defaults={"pack_code": new_pack_code(), "site_code": site_code, "slot_uid": slot_uid},
            )
            labels.append(label)
    return labels


def _instructions(assignment: Assignment) -> list[dict[str, str]]:
    """What to draw for every class, route and level: the class is asked of the laboratory by telephone."""
    plan, rows = assignment.plan, []
    for immune_class in CLASSES:
        for route in plan.routes:
            for level in Level:
                content = plan.content(arm=assignment.arm, immune_class=immune_class, route=route, level=level)
                rest = (content.final_ml - content.draw_ml).normalize()
                rows.append(
                    {
                        "class": immune_class,
                        "route": route,
                        "level": str(level),
                        "draw": f"{content.draw_ml.normalize():f} mL of {plan.products[content.product].name} "
                        f"({content.amount})",
                        "fill": f"{rest:f} mL of {plan.diluent}" if rest else "nothing",
                        "final": f"{content.final_ml.normalize():f} mL",
                    }
                )
    return rows


def _use_before(regimen: Regimen) -> str:
    """How long after its opening the syringes of an envelope may be used, in words: `24 h (IV), 24 h (SC)`."""
    return ", ".join(f"{route.in_use // HOUR} h ({route.code})" for route in regimen.routes)


@service
def print_envelopes(*, actor: Actor, site_code: str, position: int | None = None) -> list[Envelope]:
    """The envelopes of a site, or one of them; each opening is recorded. The same again prints the same codes.

    Raises Refused where the site has no fallback list or its plan disagrees with the protocol, InvalidInput for a
    position it does not have.
    """
    check_can(actor, Permission.PACK_PRINT)
    entries = [entry for entry in envelopes(site_code) if position in {None, entry[2]}]
    if not envelopes(site_code):
        raise Refused(_("This site has no fallback list: generate it first."), code="no_list")
    if not entries:
        raise InvalidInput(_("The fallback list has no such position."), field="position")
    place, protocol, now = label_site(site(actor, site_code)), protocol_in_force(site_code), clock.now()
    printed = []
    for slot_uid, kit_code, order in entries:
        check_syringes_agree(slot_uid, protocol)
        assignment = open_assignment(
            actor=actor, slot_uid=slot_uid, kit_code=kit_code, purpose="envelope", reference=f"{site_code} {order}"
        )
        codes = _labels(site_code, slot_uid, kit_code)
        subjects = [
            LabelSubject(
                "", kit_code, label.route, label.number, label.pack_code, None, None, label.level == Level.REDUCED
            )
            for label in codes
        ]
        data: dict[str, Any] = {
            "site": site_code,
            "position": order,
            "kit": show_code(kit_code),
            "contact": place.contact_full or place.contact,
            "rows": _instructions(assignment),
            "use_before": _use_before(protocol.regimen),
            "codes": [
                [dose_name(label.route, label.number), label.level, show_code(label.pack_code)] for label in codes
            ],
        }
        at = clock.quarter_at_or_before(now)
        instructions = render(TEMPLATE, data, at=at)
        printed.append(Envelope(order, kit_code, instructions, labels_pdf(subjects, place, protocol, at=at)))
    record(
        actor=actor,
        action="envelope.print",
        subject=site_code,
        stream=site_code,
        data={"positions": [envelope.position for envelope in printed]},
    )
    return printed

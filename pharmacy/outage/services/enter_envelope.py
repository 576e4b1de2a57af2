"""Enter, after an outage, what was prepared from an envelope; flagged, and announced to the ward as it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db import IntegrityError

from pharmacy.preparation.instruction import last_day, needs_of
from pharmacy.preparation.label_facts import label_facts
from pharmacy.preparation.models import EnvelopeLabel, Preparation
from pharmacy.preparation.route_stock import route_stock
from pharmacy.preparation.second_check import is_waived
from pharmacy.preparation.states import CheckMode, PreparationState
from pharmacy.preparation.tell_ward import ready_message
from pharmacy.preparation.units_taken import TypedLot
from pharmacy.stock.book_as_written import take_as_written
from randomization.accounts.policies import check_can, named_on_paper
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.allocation.for_unblinded import Allocation, allocation_by_kit, envelope_opened_at
from randomization.blinded.bedside.for_unblinded import dose_by_label
from randomization.blinded.sites.for_unblinded import protocol_in_force
from randomization.hatch.send import send
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.entropy import new_uid
from randomization.shared.errors import InvalidInput, NotFound, Refused
from randomization.shared.ids import Barcode
from randomization.shared.plausible import check_recent
from randomization.shared.protocol import CLASSES
from randomization.shared.sentences import sentence as _
from randomization.shared.service import savepoint, service
from randomization.signatures.command import SignedCommand
from randomization.signatures.services.sign import use_signature
from randomization.unblinded.formulary.contents import Level
from randomization.unblinded.laboratory.class_on_paper import note_class_on_paper
from randomization.unblinded.laboratory.immune_class import ImmuneClass
from randomization.unblinded.laboratory.selectors import class_for_dose
from randomization.unblinded.lists.assignment_access import open_assignment
from randomization.unblinded.witness.comparison import binding_of
from randomization.unblinded.witness.services.note_seen import see_kit


@dataclass(frozen=True, slots=True)
class EnterPreparation(SignedCommand):
    """Which syringe of an envelope was prepared, when (UTC) and by whom, as the paper says.

    made_by, checked_by: user names on the paper, two people; checked_by empty where the check was waived then.
    prepared_as: the class whose instruction was followed, where the participant has no eligible verdict; it stays above
    the line.
    """

    meaning: ClassVar[str] = "prepared from an envelope"
    label: Barcode
    prepared_at: datetime
    made_by: str
    checked_by: str
    prepared_as: str = ""

    @property
    def subject(self) -> str:
        return self.label.kit_code

    def content(self) -> dict[str, Any]:
        return {
            "barcode": str(self.label),
            "prepared_at": clock.stamp(self.prepared_at),
            "made_by": self.made_by,
            "checked_by": self.checked_by,
            **({"prepared_as": self.prepared_as} if self.prepared_as else {}),
        }


def _label(actor: Actor, label: Barcode) -> tuple[EnvelopeLabel, Allocation]:
    """The label that was printed in advance, and the allocation of its kit. Raises NotFound, Refused."""
    envelope_label = EnvelopeLabel.objects.filter(
        pack_code=label.pack_code, kit_code=label.kit_code, route=label.route, number=label.number
    ).first()
    if envelope_label is None:
        raise NotFound(_("This is no label of an envelope of this site."))
    check_can(actor, Permission.STOCK_MANAGE, site_code=envelope_label.site_code)
    allocation = allocation_by_kit(envelope_label.kit_code)
    if allocation is None:
        raise Refused(_("The coordinator enters the envelope for its participant first."), code="not_allocated")
    return envelope_label, allocation


def _person(name: str, site_code: str, at: datetime, field: str) -> str:
    """A user name as written on the paper. Raises InvalidInput for nobody who may prepare there, now or at `at`."""
    user_name = named_on_paper(name, Permission.PREPARATION_MAKE, site_code, at=at)
    if user_name is not None:
        return user_name
    raise InvalidInput(_("Write the user name of a person of this site's pharmacy."), field=field)


def _checked(checked_by: str, made_by: str, site_code: str, at: datetime) -> tuple[str, CheckMode]:
    """Who checked, and how; without a name, the preparer alone where the check was waived then."""
    if not checked_by.strip():
        if is_waived(site_code, at):
            return made_by, CheckMode.WAIVED
        raise InvalidInput(_("Two people prepare and check: write both names."), field="checked_by")
    checker = _person(checked_by, site_code, at, "checked_by")
    if checker == made_by:
        raise InvalidInput(_("Two people prepare and check: write both names."), field="checked_by")
    return checker, CheckMode.LOCAL


def _check_class(allocation: Allocation, prepared_as: str) -> None:
    """Raise InvalidInput where the paper must say the class, or where the laboratory has said it."""
    if allocation.verdict_uid is None and prepared_as not in CLASSES:
        raise InvalidInput(
            _(
                "This participant has no eligible verdict: choose the class by whose instruction it was prepared, as "
                "the paper says."
            ),
            field="prepared_as",
            code="no_class",
        )
    if allocation.verdict_uid is not None and prepared_as:
        raise InvalidInput(
            _("This participant has an eligible verdict: the class is known, leave it empty."), field="prepared_as"
        )


def _class_of(actor: Actor, label: EnvelopeLabel, allocation: Allocation, prepared_as: str) -> ImmuneClass:
    """By which class it was prepared; one that only the paper says is kept for a code break."""
    participant = allocation.participant
    if prepared_as:
        note_class_on_paper(
            actor,
            participant_uid=participant.uid,
            pack_code=label.pack_code,
            route=label.route,
            number=label.number,
            immune_class=prepared_as,
        )
    return class_for_dose(participant.uid, allocation.verdict_uid, label.route, label.number)


def _book(actor: Actor, preparation: Preparation, lots: Mapping[str, TypedLot]) -> list[str]:
    """Book what the paper says was taken, and what the route may need: facts, whatever the stock says now.

    A lot that is on hold, expired or not booked in is no reason to refuse: only a syringe with drug in it could be
    refused so, and the ward would see which are missing. It is booked provisionally and stands in the event.
    """
    stock = route_stock(
        preparation.kit_code, preparation.site_code, preparation.route, Level(preparation.level), last_day(preparation)
    )
    stock.reserve(actor, str(preparation.uid), stock.missing())
    taken = []
    for product, units in needs_of(preparation).items():
        typed = lots.get(product, TypedLot(""))
        taken += [
            f"{product} {lot}"
            for lot in take_as_written(actor, preparation.site_code, product, units, typed, preparation.uid)
        ]
    return taken


def _opened_at(allocation: Allocation, prepared_at: datetime) -> datetime:
    """When the envelope was opened, as the coordinator entered it: what the ward sees counts from that.

    Raises InvalidInput where the syringe would have been prepared before.
    """
    opened_at = envelope_opened_at(allocation.participant.number) or allocation.allocated_at
    if prepared_at < opened_at:
        raise InvalidInput(_("The envelope was opened later than that: check day and hour."), field="prepared_at")
    return opened_at


def _create(
    label: EnvelopeLabel,
    allocation: Allocation,
    actor: Actor,
    at: datetime,
    by: tuple[str, str, CheckMode],
    prepared_as: str,
) -> Preparation:
    """The preparation as the paper says; ready and use-before count from the opening of the envelope."""
    envelope_opened, uid = _opened_at(allocation, at), new_uid()
    due = dose_by_label(actor, kit_code=label.kit_code, route=label.route, number=label.number)
    participant = allocation.participant
    see_kit(actor=actor, binding=binding_of(allocation))
    route = protocol_in_force(participant.site_id).regimen.route(label.route)
    assignment = open_assignment(
        actor=actor, slot_uid=label.slot_uid, kit_code=label.kit_code, purpose="preparation", reference=str(uid)
    )
    try:
        with savepoint():
            immune_class = _class_of(actor, label, allocation, prepared_as)
            content = assignment.plan.content(
                arm=assignment.arm, immune_class=immune_class, route=label.route, level=Level(label.level)
            )
            return Preparation.objects.create(
                uid=uid,
                dose_uid=due.uid,
                participant_number=participant.number,
                site_code=participant.site_id,
                kit_code=label.kit_code,
                route=label.route,
                number=label.number,
                planned_at=due.planned_at,
                pack_code=label.pack_code,
                level=label.level,
                immune_class=immune_class,
                product=content.product,
                product_name=assignment.plan.products[content.product].name,
                amount=content.amount,
                diluent=assignment.plan.diluent,
                draw_ml=content.draw_ml,
                final_ml=content.final_ml,
                opened_at=at,
                opened_by=by[0],
                from_envelope=True,
                made_at=at,
                made_by=by[0],
                checked_at=at,
                checked_by=by[1],
                check_mode=by[2],
                released_at=at,
                released_by=by[0],
                ready_at=envelope_opened,
                use_before=envelope_opened + route.in_use,
                shown_at=clock.now(),
                state=PreparationState.RELEASED,
                label_facts=label_facts(participant.site),
            )
    except IntegrityError as error:
        raise Refused(_("This dose is entered or prepared already."), code="in_preparation") from error


@service
def enter_preparation(
    *, actor: Actor, command: EnterPreparation, lots: Mapping[str, TypedLot], grant: UUID
) -> Preparation:
    """Enter one syringe that was prepared from an envelope, as the paper says; the ward can then record it as given.

    lots: as on the paper. Raises NotFound for no label of an envelope here, InvalidInput naming the field, Refused
    where the envelope is not entered for a participant yet, or the dose was entered.
    """
    prepared_at = command.prepared_at
    label, allocation = _label(actor, command.label)
    if prepared_at > clock.now():
        raise InvalidInput(_("The time lies in the future: check day and hour."), field="prepared_at")
    check_recent(prepared_at, protocol_in_force(label.site_code).moments.recorded, field="prepared_at")
    _check_class(allocation, command.prepared_as)
    maker = _person(command.made_by, label.site_code, prepared_at, "made_by")
    checker, mode = _checked(command.checked_by, maker, label.site_code, prepared_at)
    use_signature(actor=actor, grant=grant, command=command)
    preparation = _create(label, allocation, actor, prepared_at, (maker, checker, mode), command.prepared_as)
    taken = _book(actor, preparation, lots)
    record(
        actor=actor,
        action="preparation.enter_envelope",
        subject=str(preparation.uid),
        stream=preparation.site_code,
        data={
            "dose": str(preparation.dose_uid),
            "kit_code": preparation.kit_code,
            "pack_code": preparation.pack_code,
            "level": preparation.level,
            "prepared_at": clock.stamp(prepared_at),
            "made_by": maker,
            "checked_by": checker,
            "mode": str(mode),
            "lots": taken,
            **({"prepared_as": command.prepared_as} if command.prepared_as else {}),
            "signature": str(grant),
        },
    )
    send(ready_message(preparation, preparation.ready_at))
    return preparation

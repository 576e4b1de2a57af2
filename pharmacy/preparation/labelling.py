"""From a preparation to its labels: only what a label may know is handed on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never
from uuid import UUID

from pharmacy.labels.media import LabelKind, Medium
from pharmacy.labels.selectors import was_printed
from pharmacy.labels.services.log_print import log_print
from pharmacy.labels.sheet import Sheet, labels_pdf, labels_picture, labels_zpl
from pharmacy.labels.text import LabelSite, LabelSubject
from pharmacy.preparation.instruction import STEPS
from pharmacy.preparation.label_facts import facts_of
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.selectors import at_step, check_kit, preparation_for
from pharmacy.preparation.states import PreparationState
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.shared.actor import Actor
from randomization.shared.errors import Refused
from randomization.shared.protocol import Protocol
from randomization.shared.sentences import sentence as _
from randomization.unblinded.formulary.contents import Level


def label_subject(preparation: Preparation) -> LabelSubject:
    """What of a preparation its label may know."""
    return LabelSubject(
        participant_number=preparation.participant_number,
        kit_code=preparation.kit_code,
        route=preparation.route,
        number=preparation.number,
        pack_code=preparation.pack_code,
        planned_at=preparation.planned_at,
        use_before=preparation.use_before,
        reduced=preparation.level == Level.REDUCED,
    )


def sheet_of(preparations: Sequence[Preparation], *, outer: bool = True, sheet: Sheet | None = None) -> bytes:
    """The labels of preparations of one site as PDF, in their order, on a roll or on A4 sheets."""
    return labels_pdf(*_of(preparations), at=_time_of(preparations), outer=outer, sheet=sheet)


def _of(preparations: Sequence[Preparation]) -> tuple[list[LabelSubject], LabelSite, Protocol]:
    return [label_subject(preparation) for preparation in preparations], *facts_of(preparations[0])


def _time_of(preparations: Sequence[Preparation]) -> datetime:
    """The document's time: the first planned time on the labels. When something was opened or printed would tell how
    long the syringe before it took.
    """
    return min(preparation.planned_at for preparation in preparations)


def preview(actor: Actor, uid: UUID, *, outer: bool = False) -> bytes:
    """The syringe's label, or the outer bag's, as a picture for the screen: as it prints; nothing is recorded."""
    preparation = preparation_for(actor, uid)
    subjects, site_of_labels, protocol = _of([preparation])
    return labels_picture(subjects[0], site_of_labels, protocol, at=_time_of([preparation]), outer=outer)


def labels_on(preparations: Sequence[Preparation], medium: Medium, sheet: Sheet | None) -> bytes:
    """The labels of preparations of one site on a medium, in their order; `sheet` for A4 alone. Nothing is recorded."""
    match medium:
        case Medium.THERMAL:
            return labels_zpl(*_of(preparations), at=_time_of(preparations))
        case Medium.SHEET:
            return sheet_of(preparations, sheet=sheet or Sheet(preparations[0].route))
        case Medium.ROLL:
            return sheet_of(preparations)
        case _:
            assert_never(medium)


def kinds_on(medium: Medium, sheet: Sheet | None) -> tuple[LabelKind, ...]:
    """Which labels a print has: an A4 sheet one kind, all else both."""
    if medium is not Medium.SHEET:
        return tuple(LabelKind)
    return (LabelKind.BAG,) if sheet is not None and sheet.kind == "bag" else (LabelKind.SYRINGE,)


def print_unprinted(actor: Actor, kit_code: str, *, medium: Medium = Medium.ROLL, sheet: Sheet | None = None) -> bytes:
    """The labels of everything of one kit that is being prepared and was never printed of that kind; each recorded.

    Raises Refused where everything was printed: a reprint needs a reason, at the one preparation.
    """
    kinds = kinds_on(medium, sheet)
    unprinted = [
        preparation
        for state in STEPS
        for preparation in at_step(actor, kit_code, state)
        if not any(was_printed(preparation.pack_code, kind) for kind in kinds)
        and (medium is not Medium.SHEET or sheet is None or sheet.kind in {"bag", preparation.route})
    ]
    if not unprinted:
        check_kit(actor, kit_code)
        raise Refused(
            _("These labels were printed before: print one again from its own page, with a reason."), code="printed"
        )
    check_can(actor, Permission.PREPARATION_MAKE, site_code=unprinted[0].site_code)
    return _printed(actor, unprinted, medium, sheet, "")


def print_labels(
    actor: Actor, uid: UUID, *, reason: str = "", medium: Medium = Medium.ROLL, sheet: Sheet | None = None
) -> bytes:
    """The labels of one preparation, and the copy on record; a reprint needs a reason.

    sheet: kind and first free position of the A4 sheet, for that medium alone. Raises Refused for a void preparation.
    """
    preparation = preparation_for(actor, uid)
    check_can(actor, Permission.PREPARATION_MAKE, site_code=preparation.site_code)
    if preparation.state == PreparationState.VOIDED:
        raise Refused(_("This preparation is void: its label must not be printed any more."), code="voided")
    return _printed(actor, [preparation], medium, sheet, reason)


def _printed(
    actor: Actor, preparations: Sequence[Preparation], medium: Medium, sheet: Sheet | None, reason: str
) -> bytes:
    content = labels_on(preparations, medium, sheet)
    log_print(
        actor=actor,
        pack_codes=[preparation.pack_code for preparation in preparations],
        site_code=preparations[0].site_code,
        content=content,
        medium=medium,
        kinds=kinds_on(medium, sheet),
        reason=reason,
    )
    return content

"""From a preparation to its labels: only what a label may know is handed on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never
from uuid import UUID

from pharmacy.labels.media import Medium
from pharmacy.labels.services.log_print import log_print
from pharmacy.labels.sheet import Sheet, labels_pdf, labels_picture, labels_zpl
from pharmacy.labels.text import LabelSite, LabelSubject
from pharmacy.preparation.instruction import STEPS, is_labelled
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.selectors import at_step, check_kit, preparation_for
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.blinded.sites.selectors import protocol_in_force, site
from randomization.shared.actor import Actor
from randomization.shared.clock import quarter_at_or_before
from randomization.shared.errors import Refused
from randomization.shared.protocol import Protocol
from randomization.unblinded.lists.plan import Level


def label_subject(preparation: Preparation) -> LabelSubject:
    """What of a preparation its label may know."""
    return LabelSubject(
        participant_number=preparation.participant_number, kit_code=preparation.kit_code, route=preparation.route,
        number=preparation.number, pack_code=preparation.pack_code, planned_at=preparation.planned_at,
        use_before=preparation.use_before, reduced=preparation.level == Level.REDUCED,
    )  # fmt: skip


def label_site(actor: Actor, code: str) -> LabelSite:
    """What of a site stands on its labels."""
    found = site(actor, code)
    return LabelSite(found.code, found.time_zone, found.label_language, found.contact, found.investigator)


def sheet_of(
    actor: Actor, preparations: Sequence[Preparation], *, outer: bool = True, sheet: Sheet | None = None
) -> bytes:
    """The labels of preparations of one site as PDF, in their order, on a roll or on A4 sheets."""
    return labels_pdf(*_of(actor, preparations), at=_time_of(preparations), outer=outer, sheet=sheet)


def _of(actor: Actor, preparations: Sequence[Preparation]) -> tuple[list[LabelSubject], LabelSite, Protocol]:
    code = preparations[0].site_code
    return [label_subject(one) for one in preparations], label_site(actor, code), protocol_in_force(code)


def _time_of(preparations: Sequence[Preparation]) -> datetime:
    return quarter_at_or_before(preparations[0].opened_at)


def preview(actor: Actor, uid: UUID) -> bytes:
    """The syringe's label as a picture for the screen, as it prints; nothing is recorded, nothing was printed."""
    preparation = preparation_for(actor, uid)
    subjects, site_of_labels, protocol = _of(actor, [preparation])
    return labels_picture(subjects[0], site_of_labels, protocol, at=_time_of([preparation]))


def print_unprinted(actor: Actor, kit_code: str) -> bytes:
    """The labels of everything of one kit that is being prepared and was never printed, on a roll; each recorded.

    Raises Refused where everything was printed: a reprint needs a reason, at the one preparation.
    """
    found = [made for state in STEPS for made in at_step(actor, kit_code, state) if not is_labelled(made)]
    if not found:
        check_kit(actor, kit_code)
        raise Refused("These labels were printed before: print one again from its own page, with a reason.",
                      code="printed")  # fmt: skip
    for made in found:
        print_labels(actor, made.uid)
    return sheet_of(actor, found)


def print_labels(
    actor: Actor, uid: UUID, *, reason: str = "", medium: Medium = Medium.ROLL, sheet: Sheet | None = None
) -> bytes:
    """The labels of one preparation, and the copy on record; a reprint needs a reason.

    sheet: kind and first free position of the A4 sheet, for that medium alone.
    """
    preparation = preparation_for(actor, uid)
    check_can(actor, Permission.PREPARATION_MAKE, site_code=preparation.site_code)
    match medium:
        case Medium.THERMAL:
            content = labels_zpl(*_of(actor, [preparation]), at=_time_of([preparation]))
        case Medium.SHEET:
            content = sheet_of(actor, [preparation], sheet=sheet or Sheet(preparation.route))
        case Medium.ROLL:
            content = sheet_of(actor, [preparation])
        case _:
            assert_never(medium)
    log_print(
        actor=actor, pack_code=preparation.pack_code, site_code=preparation.site_code, content=content, medium=medium,
        reason=reason,
    )  # fmt: skip
    return content

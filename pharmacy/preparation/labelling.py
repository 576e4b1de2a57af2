"""From a preparation to its labels: only what a label may know is handed on."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from pharmacy.labels.services.log_print import log_print
from pharmacy.labels.sheet import labels_pdf
from pharmacy.labels.text import LabelSite, LabelSubject
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.selectors import preparation_for
from randomization.blinded.sites.selectors import protocol_in_force, site
from randomization.shared.actor import Actor
from randomization.shared.clock import quarter_at_or_before
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


def sheet_of(actor: Actor, preparations: Sequence[Preparation], *, outer: bool = True) -> bytes:
    """The labels of preparations of one site, in their order."""
    code = preparations[0].site_code
    return labels_pdf(
        [label_subject(preparation) for preparation in preparations], label_site(actor, code),
        protocol_in_force(code), at=quarter_at_or_before(preparations[0].opened_at), outer=outer,
    )  # fmt: skip


def print_labels(actor: Actor, uid: UUID, *, reason: str = "") -> bytes:
    """The labels of one preparation as PDF, and the copy on record; a reprint needs a reason."""
    preparation = preparation_for(actor, uid)
    content = sheet_of(actor, [preparation])
    log_print(
        actor=actor, pack_code=preparation.pack_code, site_code=preparation.site_code, content=content, reason=reason
    )
    return content

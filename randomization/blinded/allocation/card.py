"""The patient's card and wristband: number, kit code, and a code to scan before every syringe.

No name stands on it: there is room for the hospital's own sticker, put on by hand and never entered here.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Final

from randomization.blinded.allocation.selectors import allocation_of
from randomization.blinded.allocation.services.log_card import log_card
from randomization.blinded.screening.selectors import find_participant, protocol_for
from randomization.documents.barcode import datamatrix_svg
from randomization.documents.pdf import render
from randomization.shared.actor import Actor
from randomization.shared.errors import NotFound
from randomization.shared.ids import show_code
from randomization.shared.sentences import sentence as _

TEMPLATE: Final = Path(__file__).parent / "typst" / "card.typ"


def print_card(actor: Actor, number: str) -> bytes:
    """Card and wristband as PDF, in the site's language; each print is recorded, all are equal byte for byte.

    Raises NotFound outside reach and before randomisation, DocumentError for text that does not fit.
    """
    participant = find_participant(actor, number)
    allocation = allocation_of(participant)
    if allocation is None:
        raise NotFound(_("This participant is not randomised: there is no card yet."))
    site, protocol = participant.site, protocol_for(participant)
    words, kit = protocol.label_words[site.label_language], show_code(allocation.kit_code)
    content = render(
        TEMPLATE,
        {
            "language": site.label_language,
            "number": participant.number,
            "kit_code": kit,
            "symbol": datamatrix_svg(participant.number),
            "patient": f"{words['patient'].text} {participant.number}",
            "kit": f"{words['kit'].text} {kit}",
            "trial": f"{protocol.trial} {protocol.reference}",
            "site": f"{words['site'].text} {site.code}",
            "sponsor": f"{words['sponsor'].text} {protocol.sponsor}",
            "contact": f"{words['contact'].text}: {site.contact}",
            "trial_use": words["clinical_trial_use"].text,
        },
        at=allocation.allocated_at,
    )
    log_card(actor=actor, number=participant.number, site_code=site.code, sha256=sha256(content).hexdigest())
    return content

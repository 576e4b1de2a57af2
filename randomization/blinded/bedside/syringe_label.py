"""What was scanned from a syringe, or typed from its label."""

from __future__ import annotations

from randomization.blinded.bedside.models import Packaging
from randomization.shared.errors import InvalidInput, NotFound
from randomization.shared.ids import Barcode, as_participant_number, parse_barcode, parse_kit_code
from randomization.shared.sentences import sentence as _


def label_given(text: str, participant_number: str) -> Barcode:
    """What a syringe's label says, scanned or by its packaging code as typed; raises InvalidInput for another text.

    A packaging code alone counts for this patient only: it is looked for among theirs.
    """
    try:
        pack_code = parse_kit_code(text)
    except InvalidInput:
        return parse_barcode(text)
    number = as_participant_number(participant_number)
    packagings = Packaging.objects.select_related("dose__course").filter(pack_code=pack_code)
    packaging = packagings.filter(dose__course__participant__number=number).first()
    if packaging is None:
        raise NotFound(
            _(
                "No syringe announced as ready for this patient carries this packaging code: do not give it, call "
                "the pharmacy."
            )
        )
    dose = packaging.dose
    return Barcode(dose.course.kit_code, dose.route, dose.number, pack_code)

"""Keep that labels were printed."""

from __future__ import annotations

from hashlib import sha256

from django.db.models import Max

from pharmacy.labels.media import Medium
from pharmacy.labels.models import Print
from randomization.audit.record import record
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput
from randomization.shared.service import service


@service
def log_print(
    *, actor: Actor, pack_code: str, site_code: str, content: bytes, medium: Medium, reason: str = ""
) -> Print:
    """Number this copy and record it. Raises InvalidInput for a reprint without a reason."""
    last = Print.objects.filter(pack_code=pack_code).aggregate(last=Max("copy"))["last"] or 0
    if last and not reason.strip():
        raise InvalidInput("This label was printed before: say why it is printed again.", field="reason",
                           code="reason_missing")  # fmt: skip
    made = Print.objects.create(
        pack_code=pack_code, copy=last + 1, medium=medium, printed_by=actor.user_name, printed_at=clock.now(),
        sha256=sha256(content).hexdigest(),
    )  # fmt: skip
    record(
        actor=actor, action="label.print", subject=pack_code, stream=site_code,
        data={"copy": made.copy, "medium": str(medium), "sha256": made.sha256}, texts={"reason": reason},
    )  # fmt: skip
    return made

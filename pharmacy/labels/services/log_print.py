"""Keep that labels were printed."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from django.db import IntegrityError
from django.db.models import Max

from pharmacy.labels.media import LabelKind, Medium
from pharmacy.labels.models import Print
from randomization.audit.record import record
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import savepoint, service


@service
def log_print(
    *,
    actor: Actor,
    pack_codes: Sequence[str],
    site_code: str,
    content: bytes,
    medium: Medium,
    kinds: Sequence[LabelKind],
    reason: str = "",
) -> list[Print]:
    """Number these copies and record them, all or none. Raises InvalidInput for a reprint without a reason.

    kinds: which labels of each packaging were printed.
    """
    last = {
        (pack_code, kind): copy
        for pack_code, kind, copy in Print.objects.filter(pack_code__in=pack_codes, kind__in=kinds)
        .values_list("pack_code", "kind")
        .annotate(last=Max("copy"))
        .order_by("pack_code", "kind")
    }
    if last and not reason.strip():
        raise InvalidInput(
            _("This label was printed before: say why it is printed again."), field="reason", code="reason_missing"
        )
    digest, now = sha256(content).hexdigest(), clock.now()
    prints = [
        Print(
            pack_code=pack_code,
            kind=kind,
            copy=last.get((pack_code, kind), 0) + 1,
            medium=medium,
            printed_by=actor.user_name,
            printed_at=now,
            sha256=digest,
        )
        for pack_code in pack_codes
        for kind in kinds
    ]
    try:
        with savepoint():
            Print.objects.bulk_create(prints)
    except IntegrityError as error:
        raise Refused(
            _("Somebody prints this label at the same moment: look at what came out."), code="printing"
        ) from error
    for pack_code in pack_codes:
        copies = {str(label.kind): label.copy for label in prints if label.pack_code == pack_code}
        record(
            actor=actor,
            action="label.print",
            subject=pack_code,
            stream=site_code,
            data={"copies": copies, "medium": str(medium), "sha256": digest},
            texts={"reason": reason},
        )
    return prints

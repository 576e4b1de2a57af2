"""A site tries itself before it opens, and signs what it found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.sites.models import SelfCheck
from randomization.blinded.sites.selectors import site
from randomization.blinded.sites.site_labels import check_labels_of
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.signatures.command import SignedCommand
from randomization.signatures.services.sign import use_signature

CALLED_WITHIN: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class SignSelfCheck(SignedCommand):
    """What was tried at a site; the telephone was called at a time (UTC) in the last seven days."""

    meaning: ClassVar[str] = "the site is ready"
    site_code: str
    printer: bool
    scanner: bool
    telephone_answered_by: str
    telephone_called_at: datetime
    people_trained: bool

    @property
    def subject(self) -> str:
        return self.site_code

    def content(self) -> dict[str, Any]:
        return {
            "site": self.site_code,
            "printer": self.printer,
            "scanner": self.scanner,
            "telephone_answered_by": self.telephone_answered_by.strip(),
            "telephone_called_at": clock.stamp(self.telephone_called_at),
            "people_trained": self.people_trained,
        }


@service
def sign_self_check(*, actor: Actor, command: SignSelfCheck, grant: UUID) -> SelfCheck:
    """Record what was tried, with drill and supply as the system knows them. It need not be passed to be kept.

    Raises NotFound outside reach, InvalidInput for a missing answer,
    DocumentError where a label of the site could not be printed.
    """
    site_code = command.site_code
    check_can(actor, Permission.SITE_CHECK, site_code=site_code)
    place, now = site(actor, site_code), clock.now()
    if not command.telephone_answered_by.strip():
        raise InvalidInput(_("Call the telephone on the label and write who answered."), field="telephone_answered_by")
    if not now - CALLED_WITHIN <= command.telephone_called_at <= now:
        raise InvalidInput(_("The call was made in the last seven days: check the day."), field="telephone_called_at")
    labels = check_labels_of(place)
    signature = use_signature(actor=actor, grant=grant, command=command)
    self_check = SelfCheck.objects.create(
        site=place,
        printer=command.printer,
        scanner=command.scanner,
        telephone_answered_by=command.telephone_answered_by.strip(),
        telephone_called_at=command.telephone_called_at,
        people_trained=command.people_trained,
        labels_rendered=labels,
        drill_done=place.drill_done_at is not None,
        may_supply=place.may_supply,
        signed_by=actor.user_name,
        signed_at=now,
        signature=signature.id,
    )
    record(
        actor=actor,
        action="site.self_check",
        subject=site_code,
        stream=site_code,
        data={
            **command.content(),
            "labels_rendered": labels,
            "drill_done": self_check.drill_done,
            "may_supply": self_check.may_supply,
            "passed": self_check.is_passed,
            "signature": str(signature.id),
        },
    )
    return self_check

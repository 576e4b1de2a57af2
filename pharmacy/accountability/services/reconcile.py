"""Take syringes back, sign the report, ask and answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self
from uuid import UUID

from pharmacy.accountability.models import Query, SignOff, SyringeReturn
from pharmacy.accountability.report import Report
from pharmacy.accountability.selectors import (
    is_returned,
    outcome_of,
    packaging_for,
    query_for,
    report_of,
    reports_for,
)
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.states import PreparationState
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission, Role
from randomization.audit.record import record
from randomization.blinded.bedside.for_unblinded import GIVEN
from randomization.notices.models import Channel
from randomization.notices.outbox import queue
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.ids import parse_barcode
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.signatures.command import SignedCommand
from randomization.signatures.services.sign import use_signature


@service
def take_back(*, actor: Actor, barcode: str) -> SyringeReturn:
    """Record that a syringe which was not given came back, to be destroyed.

    Raises InvalidInput for a text that is no label, NotFound for another site's, Refused for one that was given,
    never left, came back already, or can still be given (void it first).
    """
    label = parse_barcode(barcode)
    scanned = packaging_for(actor, label.pack_code)
    check_can(actor, Permission.PREPARATION_MAKE, site_code=scanned.site_code)
    preparation = Preparation.objects.select_for_update().get(pk=scanned.pk)
    if preparation.released_at is None:
        raise Refused(_("This syringe never left the pharmacy: void it."), code="not_released")
    if outcome_of(preparation) in GIVEN:
        raise Refused(_("The ward recorded this syringe as given: call the ward."), code="given")
    if is_returned(preparation.uid):
        raise Refused(_("This syringe came back already."), code="returned")
    now = clock.now()
    if preparation.state != PreparationState.VOIDED and now < preparation.use_before and not outcome_of(preparation):
        raise Refused(_("This syringe can still be given: void it first, so that nobody does."), code="still_valid")
    returned = SyringeReturn.objects.create(preparation=preparation, at=now, by=actor.user_name)
    record(
        actor=actor,
        action="syringe.return",
        subject=str(preparation.uid),
        stream=preparation.site_code,
        data={"pack_code": preparation.pack_code, "kit_code": preparation.kit_code},
    )
    return returned


@service
def read_report(*, actor: Actor, site_code: str, as_what: str) -> Report:
    """The report for somebody who reads it, as a page, PDF, CSV or over the API: it says what syringes held, so every
    reading is recorded (E6 3.15.2(d)(i)).
    """
    report = report_of(actor, site_code)
    _note_reading(actor, report, as_what)
    return report


@service
def read_reports(*, actor: Actor, as_what: str) -> list[Report]:
    """As `read_report`, for every site within reach that has anything to account for."""
    reports = reports_for(actor)
    for report in reports:
        _note_reading(actor, report, as_what)
    return reports


def _note_reading(actor: Actor, report: Report, as_what: str) -> None:
    record(
        actor=actor,
        action="accountability.read",
        subject=report.site_code,
        stream=report.site_code,
        data={"as": as_what, "sha256": report.sha256},
    )


@dataclass(frozen=True, slots=True)
class SignReport(SignedCommand):
    """The report of a site, by its hash, and what it leaves unexplained."""

    meaning: ClassVar[str] = "accountability reviewed"
    site_code: str
    sha256: str
    unexplained: int

    @classmethod
    def of(cls, report: Report) -> Self:
        """As the report stands."""
        return cls(report.site_code, report.sha256, report.unexplained)

    @property
    def subject(self) -> str:
        return self.site_code

    def content(self) -> dict[str, Any]:
        return {"site": self.site_code, "sha256": self.sha256, "unexplained": self.unexplained}


@service
def sign_report(*, actor: Actor, site_code: str, grant: UUID) -> SignOff:
    """Sign the report as it stands now. Raises SignatureRefused where it changed since it was read."""
    check_can(actor, Permission.ACCOUNTABILITY_SIGN, site_code=site_code)
    command = SignReport.of(report_of(actor, site_code))
    signature = use_signature(actor=actor, grant=grant, command=command)
    sign_off = SignOff.objects.create(
        site_code=site_code,
        sha256=command.sha256,
        unexplained=command.unexplained,
        signed_by=actor.user_name,
        signed_at=clock.now(),
        signature=signature.id,
    )
    record(actor=actor, action="accountability.sign", subject=site_code, stream=site_code, data=command.content())
    return sign_off


def _need(text: str) -> None:
    if not text.strip():
        raise InvalidInput(_("Write it down in a few words."), field="text", code="reason_missing")


def _tell(query: Query, role: Role, kind: str) -> None:
    queue(channel=Channel.PEOPLE, kind=kind, site_code=query.site_code, roles=[role], payload={"about": str(query)})


@service
def raise_query(*, actor: Actor, site_code: str, subject: str, text: str) -> Query:
    """Ask the pharmacy about a lot, a syringe or the whole report."""
    check_can(actor, Permission.ACCOUNTABILITY_QUERY, site_code=site_code)
    _need(text)
    query = Query.objects.create(
        site_code=site_code, subject=subject.strip()[:64], raised_by=actor.user_name, raised_at=clock.now()
    )
    record(
        actor=actor,
        action="query.raise",
        subject=str(query),
        stream=site_code,
        data={"about": query.subject},
        texts={"text": text},
    )
    _tell(query, Role.PHARMACIST, "query")
    return query


@service
def answer_query(*, actor: Actor, query_id: int, text: str) -> Query:
    """Answer as the pharmacy. Raises NotFound at another site, Refused once it is closed."""
    query_for(actor, query_id, Permission.STOCK_MANAGE)
    _need(text)
    query = Query.objects.select_for_update().get(pk=query_id)
    if query.closed_at is not None:
        raise Refused(_("This query is closed."), code="closed")
    query.answered_by, query.answered_at = actor.user_name, clock.now()
    query.save(update_fields=["answered_by", "answered_at"])
    record(actor=actor, action="query.answer", subject=str(query), stream=query.site_code, texts={"text": text})
    _tell(query, Role.UNBLINDED_MONITOR, "query_answered")
    return query


@service
def close_query(*, actor: Actor, query_id: int) -> Query:
    """Close an answered query as the monitor."""
    query_for(actor, query_id, Permission.ACCOUNTABILITY_QUERY)
    query = Query.objects.select_for_update().get(pk=query_id)
    if query.answered_at is None or query.closed_at is not None:
        raise Refused(_("A query is closed once, after it was answered."), code="not_answered")
    query.closed_by, query.closed_at = actor.user_name, clock.now()
    query.save(update_fields=["closed_by", "closed_at"])
    record(actor=actor, action="query.close", subject=str(query), stream=query.site_code)
    return query

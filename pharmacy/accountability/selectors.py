"""Reads of accountability: the report of a site, the totals of many, queries and signatures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from pharmacy.accountability.models import Query, SignOff, SyringeReturn
from pharmacy.accountability.report import (
    CartonLine,
    CartonState,
    DoseLine,
    LotLine,
    RemovalLine,
    Report,
    fate_of,
)
from pharmacy.preparation.models import Preparation
from pharmacy.stock.cartons import cartons_with_uses
from pharmacy.stock.models import Carton
from pharmacy.stock.removals import removals_at
from pharmacy.stock.removing import OPEN
from pharmacy.stock.selectors import movements_by_kind
from pharmacy.stock.uses import uses_by_reference
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.selectors import events_for, texts_of
from randomization.blinded.bedside.for_unblinded import Outcome, outcomes_by_packaging
from randomization.blinded.sites.for_unblinded import site, sites_for
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import NotFound
from randomization.shared.read_once import read_once
from randomization.shared.sentences import sentence as _


def _dose_line(
    preparation: Preparation, outcome: Outcome | None, returned: SyringeReturn | None, lots: Iterable[str]
) -> DoseLine:
    fate = fate_of(
        state=preparation.state,
        released=preparation.released_at is not None,
        outcome=outcome.outcome if outcome else "",
        returned=returned is not None,
        destroyed=returned is not None and hasattr(returned, "destruction"),
        use_before=preparation.use_before,
        now=clock.now(),
    )
    at = outcome.at if outcome else returned.at if returned else preparation.released_at
    return DoseLine(
        preparation.participant_number,
        preparation.kit_code,
        preparation.route,
        preparation.number,
        preparation.pack_code,
        tuple(lots),
        preparation.made_by,
        preparation.checked_by,
        preparation.check_mode,
        fate,
        at,
        preparation.from_envelope,
    )


def _removals(site_code: str) -> tuple[RemovalLine, ...]:
    return tuple(
        RemovalLine(
            removal.movement.lot.product,
            removal.movement.lot.number,
            removal.movement.kind,
            -removal.movement.quantity,
            removal.recorded_by,
            removal.movement.at,
            removal.state,
            removal.state in OPEN,
            removal.decided_by,
            removal.decided_at,
        )
        for removal in removals_at(site_code)
    )


def _carton_line(carton: Carton, taken: int) -> CartonLine:
    in_error = carton.in_error_at is not None
    return CartonLine(
        carton.pk,
        carton.lot.product,
        carton.lot.number,
        carton.expires_on,
        carton.read,
        carton.opened_by,
        carton.opened_at,
        taken,
        CartonState.IN_ERROR if in_error else CartonState.CLOSED if carton.closed_at else CartonState.OPEN,
        carton.in_error_by if in_error else carton.closed_by,
        carton.in_error_at if in_error else carton.closed_at,
    )


def _cartons(site_code: str) -> tuple[CartonLine, ...]:
    return tuple(_carton_line(carton, taken) for carton, taken in cartons_with_uses(site_code))


@read_once
def report_of(actor: Actor, site_code: str) -> Report:
    """The accountability of a site within reach; ten statements whatever its size. Raises NotFound elsewhere."""
    check_can(actor, Permission.ACCOUNTABILITY_READ, site_code=site_code)
    site(actor, site_code)
    preparations = list(
        Preparation.objects.filter(site_code=site_code).order_by(
            "participant_number", "planned_at", "route", "opened_at"
        )
    )
    outcomes = outcomes_by_packaging(site_code)
    back = SyringeReturn.objects.select_related("destruction").filter(preparation__site_code=site_code)
    returns = {item.preparation_id: item for item in back}
    uses = uses_by_reference(site_code)
    by_doses: dict[int, int] = {}
    doses = []
    for preparation in preparations:
        taken = uses.get(str(preparation.uid), [])
        for use in taken:
            by_doses[use.lot_id] = by_doses.get(use.lot_id, 0) - use.quantity
        names = [f"{use.lot.product} {use.lot.number}" for use in taken]
        doses.append(_dose_line(preparation, outcomes.get(preparation.pack_code), returns.get(preparation.uid), names))
    lots = tuple(
        LotLine(lot.product, lot.number, lot.expires_on, moved, lot.balance, by_doses.get(lot.lot_id, 0))
        for lot, moved in movements_by_kind(site_code)
    )
    return Report(site_code, lots, tuple(doses), _removals(site_code), _cartons(site_code))


def reports_for(actor: Actor) -> list[Report]:
    """The reports of every site within reach that has stock or preparations: the trial's, for who reaches all."""
    check_can(actor, Permission.ACCOUNTABILITY_READ)
    reports = [report_of(actor, place.code) for place in sites_for(actor)]
    return [report for report in reports if report.lots or report.doses]


def packaging_for(actor: Actor, pack_code: str) -> Preparation:
    """The preparation with a packaging code; raises NotFound at another site."""
    preparation = Preparation.objects.filter(pack_code=pack_code).first()
    if preparation is None or not actor.reaches(preparation.site_code):
        raise NotFound(_("No syringe of this site carries this label."))
    return preparation


def outcome_of(preparation: Preparation) -> str:
    """What the ward recorded of a packaging; empty where nothing."""
    recorded = outcomes_by_packaging(preparation.site_code, [preparation.pack_code]).get(preparation.pack_code)
    return recorded.outcome if recorded else ""


@dataclass(frozen=True, slots=True)
class QueryRow:
    """A query with its texts."""

    query: Query
    question: str
    answer: str


def queries_of(actor: Actor, site_code: str) -> list[QueryRow]:
    """The queries at a site, newest first, with question and answer."""
    check_can(actor, Permission.ACCOUNTABILITY_READ, site_code=site_code)
    queries = list(Query.objects.filter(site_code=site_code).order_by("-id"))
    events = list(events_for(actor).filter(stream=site_code, action__in=["query.raise", "query.answer"]))
    texts = texts_of(events)
    said = {(event.subject, event.action): texts.get((event.stream, event.seq), {}).get("text", "") for event in events}
    return [
        QueryRow(query, said.get((str(query), "query.raise"), ""), said.get((str(query), "query.answer"), ""))
        for query in queries
    ]


def query_for(actor: Actor, query_id: int, permission: Permission) -> Query:
    """One query; raises NotFound at another site."""
    query = Query.objects.filter(pk=query_id).first()
    if query is None:
        raise NotFound()
    check_can(actor, permission, site_code=query.site_code)
    return query


def sign_offs(actor: Actor, site_code: str) -> list[SignOff]:
    """Who signed which report, newest first."""
    check_can(actor, Permission.ACCOUNTABILITY_READ, site_code=site_code)
    return list(SignOff.objects.filter(site_code=site_code).order_by("-id"))


def not_destroyed(site_code: str) -> list[SyringeReturn]:
    """Syringes that came back to a site and are not destroyed yet, oldest first."""
    syringe_returns = SyringeReturn.objects.filter(preparation__site_code=site_code, destruction=None)
    return list(syringe_returns.select_related("preparation").order_by("at", "preparation_id"))


def waiting_for_destruction(actor: Actor) -> int:
    """How many syringes came back to the actor's site and are not destroyed yet."""
    check_can(actor, Permission.PREPARATION_READ, site_code=actor.site_code)
    return len(not_destroyed(actor.site_code))


def is_returned(uid: UUID) -> bool:
    """Whether a syringe came back."""
    return SyringeReturn.objects.filter(preparation_id=uid).exists()

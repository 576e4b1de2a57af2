"""Which prepared syringes a quarantine strikes: by site, route and time of opening, never by what they hold."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from pharmacy.preparation.models import EnvelopeLabel, Preparation
from pharmacy.preparation.sessions import Opening, opened_from
from pharmacy.preparation.spoken import spoken_for
from pharmacy.preparation.states import PreparationState
from pharmacy.stock.asked_of_preparation import StrikeFacts
from pharmacy.stock.quarantines import strikes_since
from randomization.blinded.bedside.for_unblinded import doses_by_uid, outcome_of_dose
from randomization.blinded.sites.for_unblinded import site
from randomization.shared import clock
from randomization.shared.actor import SYSTEM
from randomization.shared.foreseen import ExpectedVoid
from randomization.unblinded.lists.plans import PlansBySite
from randomization.unblinded.lists.selectors import plans_by_site


def live() -> QuerySet[Preparation]:
    """What is not void and could still be given."""
    return Preparation.objects.exclude(state=PreparationState.VOIDED).filter(use_before__gt=clock.now())


def hits(plans: PlansBySite, preparation: Preparation, strike: StrikeFacts) -> bool:
    """Whether a strike hits a syringe: opened there in its span, on a route that may need the product.

    plans: those in use at each site.
    """
    return (
        strike.site_code in {"", preparation.site_code}
        and (strike.opened_from is None or strike.opened_from <= preparation.opened_at)
        and preparation.opened_at < strike.at
        and preparation.route in plans.at(preparation.site_code).routes_of(strike.product)
    )


def struck(preparations: Sequence[Preparation]) -> set[UUID]:
    """Which of these a quarantine hit after they were opened; one statement."""
    if not preparations:
        return set()
    plans, strikes = plans_by_site(), strikes_since(min(preparation.opened_at for preparation in preparations))
    return {
        preparation.uid for preparation in preparations if any(hits(plans, preparation, strike) for strike in strikes)
    }


def expected(preparations: Iterable[Preparation]) -> list[ExpectedVoid]:
    """Of these, what nobody gave yet, by planned time."""
    chosen = {preparation.dose_uid: preparation for preparation in preparations}
    doses = {due.uid: due for due in doses_by_uid(chosen)}
    zones = {code: site(SYSTEM, code).time_zone for code in {preparation.site_code for preparation in chosen.values()}}
    return sorted(
        (
            ExpectedVoid(
                preparation.site_code,
                preparation.route,
                preparation.number,
                doses[uid].planned_at,
                zones[preparation.site_code],
            )
            for uid, preparation in chosen.items()
            if uid in doses and outcome_of_dose(doses[uid]) != preparation.pack_code
        ),
        key=lambda one: (one.planned_at, one.site_code, one.route, one.number),
    )


def voided_by_hand(preparation: Preparation) -> list[ExpectedVoid]:
    """What the void of one preparation makes void: this, unless it is void or given."""
    return [] if preparation.state == PreparationState.VOIDED else expected([preparation])


class Answers:
    """What the rooms below ask of this one: see `pharmacy.stock.asked_of_preparation` and `laboratory.prepared`."""

    def doses_prepared(self, site_code: str) -> set[UUID]:
        """The doses of a site with a live preparation."""
        return set(live().filter(site_code=site_code).values_list("dose_uid", flat=True))

    def not_opened(self) -> dict[str, dict[str, int]]:
        """By site, the units by product that doses may need which could be opened now and are not."""
        return spoken_for()

    def is_pack_code(self, code: str) -> bool:
        """Whether a syringe or an envelope has this code."""
        taken = Preparation.objects.filter(pack_code=code), EnvelopeLabel.objects.filter(pack_code=code)
        return any(codes.exists() for codes in taken)

    def opened_from(self, site_code: str, starts_at: datetime) -> datetime:
        """Since when openings at a site count for an excursion; what was void before it was made held nothing."""
        openings = Preparation.objects.filter(site_code=site_code, use_before__gt=starts_at, opened_at__lt=clock.now())
        openings = openings.exclude(state=PreparationState.VOIDED, made_at=None)
        return opened_from((Opening(*times) for times in openings.values_list("opened_at", "made_at")), starts_at)

    def not_void(self, uids: Collection[UUID]) -> list[str]:
        """Of these preparations, the ones that are not void, by planned time."""
        made = Preparation.objects.filter(uid__in=uids).exclude(state=PreparationState.VOIDED)
        return [str(preparation) for preparation in made.order_by("planned_at", "route", "opened_at")]

    def struck_by(self, strikes: Sequence[StrikeFacts]) -> list[ExpectedVoid]:
        """The live syringes that these strikes would void."""
        plans = plans_by_site()
        return expected(
            preparation for preparation in live() if any(hits(plans, preparation, strike) for strike in strikes)
        )

    def voided_by_decision(
        self, participant_number: str, immune_class: str, starts: Mapping[str, int]
    ) -> list[ExpectedVoid]:
        """The live syringes of a participant that were prepared by another class, from the named doses on."""
        return expected(
            preparation
            for preparation in live().filter(participant_number=participant_number)
            if preparation.route in starts
            and preparation.number >= starts[preparation.route]
            and preparation.immune_class != immune_class
        )

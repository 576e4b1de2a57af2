"""What needs somebody now: each condition one read of what blinded people know, pooled over arms by construction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from randomization.accounts.roles import Role
from randomization.audit.selectors import events_since
from randomization.blinded.allocation.models import AllocationList, ListState
from randomization.blinded.allocation.selectors import ListSupply, statuses_by_list
from randomization.blinded.bedside.models import Dose
from randomization.blinded.bedside.selectors import is_too_late
from randomization.blinded.bedside.states import WAITING
from randomization.blinded.desk.models import AlertKind
from randomization.blinded.participants.board import screening_of
from randomization.blinded.participants.next_step import Bar
from randomization.blinded.screening.eligibility import window_ends_at
from randomization.blinded.screening.models import Deviation, Participant
from randomization.blinded.screening.same_person import identities
from randomization.blinded.screening.selectors import FILE, open_reasons, protocol_for
from randomization.blinded.screening.states import State
from randomization.blinded.sites.gates import SiteGate, closed_gates
from randomization.blinded.sites.models import Site
from randomization.blinded.sites.selectors import facts_of_site, on_duty, protocol_of
from randomization.notices.models import AlarmKind
from randomization.notices.selectors import alarms, stuck_since
from randomization.shared import clock
from randomization.shared.ids import dose_name, site_of_number
from randomization.shared.verdict import Verdict

WINDOW_WARNING: Final = timedelta(hours=12)
SHIPPING_WARNING: Final = timedelta(hours=1)
WEEK: Final = timedelta(days=7)
STUCK_AFTER: Final = timedelta(minutes=15)
LOOKED_BACK: Final = timedelta(days=14)
"""How far back a dose nobody recorded is looked for; the course's page shows older ones [choice, all five]."""

TOLD: Final[dict[AlertKind, tuple[Role, ...]]] = {
    AlertKind.WINDOW_ENDING: (Role.COORDINATOR, Role.INVESTIGATOR),
    AlertKind.SAMPLE_WAITING: (Role.COORDINATOR,),
    AlertKind.VERDICT_LATE: (Role.COORDINATOR, Role.TRIAL_MANAGER),
    AlertKind.DOSE_LATE: (Role.NURSE, Role.INVESTIGATOR),
    AlertKind.LIST_LOW: (Role.TRIAL_MANAGER,),
    AlertKind.NO_SUPPLY: (Role.COORDINATOR, Role.TRIAL_MANAGER),
    AlertKind.NOBODY_ON_DUTY: (Role.COORDINATOR, Role.TRIAL_MANAGER),
    AlertKind.NOTICE_STUCK: (Role.TRIAL_MANAGER,),
    AlertKind.MESSAGE_REFUSED: (Role.TRIAL_MANAGER,),
    AlertKind.MESSAGE_PARKED: (Role.TRIAL_MANAGER,),
    AlertKind.HATCH_STOPPED: (Role.TRIAL_MANAGER,),
}
"""Who is told of which alert; that a code was broken is told when it happens, deviations stand on their page."""


@dataclass(frozen=True, slots=True)
class Concern:
    """One condition that holds now. `about` tells two of a kind on one subject apart."""

    kind: AlertKind
    site_code: str
    subject: str
    about: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes it the same concern as before."""
        return self.kind, self.site_code, self.subject, self.about


def _of_screening(now: datetime) -> Iterator[Concern]:
    """Who can still be randomised: what bars entry for good needs nobody in a hurry, and its next step says so."""
    participants = Participant.objects.select_related(*FILE).filter(
        state__in=(State.SCREENING, State.ELIGIBLE), sepsis_at__gt=now - timedelta(days=10)
    )
    ends = {
        participant: window_ends_at(participant.sepsis_at, protocol_for(participant).eligibility)
        for participant in participants.order_by("number")
    }
    waiting = [participant for participant, end in ends.items() if now < end]
    known = identities(waiting)
    for participant in waiting:
        protocol, sample, identity = protocol_for(participant), participant.sample, known[participant.uid]
        place, left = (participant.site_id, participant.number), ends[participant] - now
        bar = screening_of(participant, open_reasons(participant, protocol, identity), identity, now).bar
        if bar in {Bar.OTHER, Bar.VERDICT}:
            continue
        if left < WINDOW_WARNING:
            yield Concern(AlertKind.WINDOW_ENDING, *place, "")
        if sample is None or bar is Bar.SAMPLE:
            continue
        if sample.shipped_at is None and now > sample.drawn_at + protocol.eligibility.shipping - SHIPPING_WARNING:
            yield Concern(AlertKind.SAMPLE_WAITING, *place, str(sample.uid))
        usual = protocol.logistics.laboratory if protocol.logistics else LOOKED_BACK
        if sample.received_at and sample.verdict == Verdict.PENDING and now > sample.received_at + usual:
            yield Concern(AlertKind.VERDICT_LATE, *place, str(sample.uid))


def _of_treatment(now: datetime) -> Iterator[Concern]:
    doses = Dose.objects.select_related("course__participant__site").filter(
        state__in=WAITING,
        planned_at__lt=now,
        planned_at__gt=now - LOOKED_BACK,
        course__held_at=None,
        course__stopped_at=None,
    )
    for dose in doses.order_by("planned_at", "course__kit_code", "route"):
        participant = dose.course.participant
        if is_too_late(dose, protocol_for(participant).regimen, now):
            yield Concern(
                AlertKind.DOSE_LATE, participant.site_id, participant.number, dose_name(dose.route, dose.number)
            )
    for number, data in events_since(action="code.broken", since=now - WEEK):
        yield Concern(AlertKind.CODE_BROKEN, site_of_number(number), number, data["at"])
    late = Deviation.objects.select_related("participant").filter(
        explained_at=None, lifted_at=None, arose_at__lt=now - WEEK
    )
    for deviation in late.order_by("id"):
        participant = deviation.participant
        yield Concern(
            AlertKind.DEVIATION_OPEN, participant.site_id, participant.number, f"{deviation.kind}, {deviation.about}"
        )


def _of_sites() -> Iterator[Concern]:
    statuses = statuses_by_list()
    open_lists = AllocationList.objects.filter(state__in=(ListState.OPEN, ListState.EXHAUSTED))
    low = {site_code for uid, site_code in open_lists.values_list("uid", "site_id") if statuses[uid] is ListSupply.LOW}
    for site in Site.objects.select_related("protocol").prefetch_related("duties").order_by("code"):
        closed = set(closed_gates(facts_of_site(site)))
        if SiteGate.CLOSED in closed:
            continue
        if site.code in low:
            yield Concern(AlertKind.LIST_LOW, site.code, "", "")
        if SiteGate.NO_SUPPLY in closed:
            yield Concern(AlertKind.NO_SUPPLY, site.code, "", "")
        if on_duty(site) is None and site.protocol_id and protocol_of(site):
            yield Concern(AlertKind.NOBODY_ON_DUTY, site.code, "", "")


def _of_messages(now: datetime) -> Iterator[Concern]:
    stuck = stuck_since(now - STUCK_AFTER)
    if stuck is not None:
        yield Concern(AlertKind.NOTICE_STUCK, "", "", "")
    for subject, data in events_since(action="inbox.refused", since=now - WEEK):
        yield Concern(AlertKind.MESSAGE_REFUSED, "", "", f"{data['kind']} {subject[:8]}, {data['detail']}")
    for alarm in alarms(AlarmKind.MESSAGE_PARKED, AlarmKind.HATCH_STOPPED):
        yield Concern(AlertKind(alarm.kind), alarm.site_code, "", alarm.about)


def concerns() -> list[Concern]:
    """Everything that needs somebody now; thirteen statements however large the trial is."""
    now = clock.now()
    return [*_of_screening(now), *_of_treatment(now), *_of_sites(), *_of_messages(now)]

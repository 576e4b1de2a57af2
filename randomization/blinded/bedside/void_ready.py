"""What an act makes void of the syringes that are ready for a participant: the same for every arm, since nothing here
knows one. A syringe that the pharmacy has not announced does not exist here, and is counted nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from randomization.accounts.roles import Role
from randomization.blinded.bedside.models import Dose, Packaging
from randomization.blinded.bedside.states import DoseState
from randomization.blinded.screening.models import Participant
from randomization.notices.models import Channel
from randomization.notices.outbox import queue
from randomization.shared import clock
from randomization.shared.foreseen import Accepted, ExpectedVoid, check_accepted, on_the_ward


def expected(participant: Participant, packagings: Iterable[Packaging]) -> list[ExpectedVoid]:
    """These packagings, by planned time."""
    zone = participant.site.time_zone
    doses = sorted((packaging.dose for packaging in packagings), key=lambda dose: (dose.planned_at, dose.route))
    return [ExpectedVoid(participant.site_id, dose.route, dose.number, dose.planned_at, zone) for dose in doses]


def ready_of(participant_uid: UUID) -> list[ExpectedVoid]:
    """What is ready for a participant and not given, by planned time: what an end or a pause of treatment voids."""
    participant = Participant.objects.select_related("site").get(uid=participant_uid)
    ready = Packaging.objects.select_related("dose").filter(
        dose__course__participant_id=participant_uid, dose__state=DoseState.READY, voided_at=None
    )
    return expected(participant, ready)


def ready_for(dose_uid: UUID) -> list[ExpectedVoid]:
    """What is ready for one dose."""
    ready = Packaging.objects.select_related("dose__course__participant__site").filter(
        dose_id=dose_uid, voided_at=None, dose__state=DoseState.READY
    )
    return [void for packaging in ready for void in expected(packaging.dose.course.participant, [packaging])]


def void_ready(participant: Participant, *, accepted: Accepted | None) -> tuple[str, ...]:
    """Void every packaging that is ready and not yet given; returns their codes. The calling service records it.

    Raises VoidsNotAccepted unless exactly these were accepted; see `check_accepted`.
    """
    ready = Dose.objects.select_for_update().filter(course__participant_id=participant.uid, state=DoseState.READY)
    uids = list(ready.order_by("planned_at", "route").values_list("uid", flat=True))
    packagings = Packaging.objects.filter(dose_id__in=uids, voided_at=None)
    rows = list(packagings.select_related("dose").order_by("dose__planned_at", "dose__route"))
    check_accepted(expected(participant, rows), accepted, on_the_ward)
    packagings.update(voided_at=clock.now())
    Dose.objects.filter(uid__in=uids).update(state=DoseState.PLANNED)
    codes = tuple(row.pack_code for row in rows)
    tell_the_ward(participant, codes)
    return codes


def tell_the_ward(participant: Participant, pack_codes: Iterable[str]) -> None:
    """Inside the running service: the people on the ward where the syringes are learn that some became void."""
    if list(pack_codes):
        queue(
            channel=Channel.PEOPLE,
            kind="dose_voided",
            site_code=participant.site_id,
            roles=[Role.NURSE, Role.COORDINATOR],
            payload={"participant": participant.number},
        )


def void_packaging_of(participant: Participant, dose: Dose, *, accepted: Accepted | None) -> list[ExpectedVoid]:
    """Void the packaging of one locked dose, if there is one, and say which; its state is the caller's."""
    packagings = Packaging.objects.filter(dose=dose, voided_at=None)
    codes = list(packagings.order_by("id").values_list("pack_code", flat=True))
    voids = [
        ExpectedVoid(participant.site_id, dose.route, dose.number, dose.planned_at, participant.site.time_zone)
    ] * len(codes)
    check_accepted(voids, accepted, on_the_ward)
    packagings.update(voided_at=clock.now())
    tell_the_ward(participant, codes)
    return voids

"""What the laboratory tells through the hatch: that a sample arrived, and its verdict."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from randomization.accounts.roles import Role
from randomization.audit.record import record
from randomization.blinded.screening.eligibility import tells_the_class
from randomization.blinded.screening.file_changes import move
from randomization.blinded.screening.models import Participant, Sample
from randomization.blinded.screening.same_person import identity_of
from randomization.blinded.screening.states import State
from randomization.notices.models import Channel
from randomization.notices.outbox import queue
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service
from randomization.shared.verdict import Verdict


def _sample(uid: UUID) -> Sample:
    sample = Sample.objects.select_related("participant").filter(uid=uid).first()
    if sample is None:
        raise Refused(_("A message names a sample that is not here."), code="unknown_sample")
    return sample


def _void_other_files(participant: Participant) -> None:
    """Another file of the person with the answer no was signed without this verdict: it is signed again."""
    others = Participant.objects.filter(person_uid=participant.person_uid, state=State.ELIGIBLE, sample__covid19=False)
    for other in others.exclude(uid=participant.uid):
        move(other, State.SCREENING)


@service
def note_receipt(*, actor: Actor, sample_uid: UUID, received_at: datetime) -> None:
    """The laboratory has the sample."""
    sample = _sample(sample_uid)
    sample.received_at = received_at
    sample.save(update_fields=["received_at"])
    participant = sample.participant
    record(
        actor=actor,
        action="sample.received",
        subject=participant.number,
        stream=participant.site_id,
        data={"uid": str(sample_uid), "received_at": clock.stamp(received_at)},
    )


@service
def note_verdict(
    *, actor: Actor, sample_uid: UUID, verdict_uid: UUID, verdict: str, covid19: bool, stratum_uid: UUID | None
) -> None:
    """Keep the verdict over a sample; over the one that counts it voids a signature given before.

    Over an earlier sample it is kept for the case that the later one turns out unusable.
    covid19: the answer the verdict was reached with; Refused where it was corrected meanwhile, where it would tell
    the class, for an unusable sample, and once the participant is randomised.
    """
    participant = Participant.objects.select_for_update().get(uid=_sample(sample_uid).participant_id)
    sample = _sample(sample_uid)
    if participant.state == State.ALLOCATED:
        raise Refused(_("This participant is randomised: no verdict changes that."), code="already_allocated")
    if sample.unusable_at is not None:
        raise Refused(_("This sample was recorded as unusable: no verdict is kept over it."), code="sample_unusable")
    if sample.covid19 != covid19:
        raise Refused(_("The COVID-19 flag was corrected since: the laboratory must look again."), code="flag_changed")
    if tells_the_class(covid19=covid19, was_judged_with_covid19=identity_of(participant).was_judged_with_covid19):
        raise Refused(_("A verdict with the other COVID-19 answer was given before."), code="class_would_show")
    old = sample.verdict
    sample.was_judged_with_covid19 |= covid19
    sample.verdict, sample.verdict_uid, sample.stratum_uid = Verdict(verdict), verdict_uid, stratum_uid
    sample.save(update_fields=["verdict", "verdict_uid", "stratum_uid", "was_judged_with_covid19"])
    counts = participant.sample_id == sample.uid
    if counts:
        move(participant, State.SCREENING)
    if covid19:
        _void_other_files(participant)
    record(
        actor=actor,
        action="sample.verdict",
        subject=participant.number,
        stream=participant.site_id,
        data={"uid": str(sample_uid), "old": {"verdict": old}, "new": {"verdict": verdict}},
    )
    if counts:
        queue(
            channel=Channel.PEOPLE,
            kind="verdict",
            site_code=participant.site_id,
            roles=[Role.COORDINATOR, Role.INVESTIGATOR],
            payload={"participant": participant.number, "verdict": verdict},
        )

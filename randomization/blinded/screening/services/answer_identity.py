"""Answer whether a participant is somebody who was screened here before, and attest for other sites."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.screening.file_changes import move, need_reason, open_for_change
from randomization.blinded.screening.identity import Held, Identity, persons
from randomization.blinded.screening.models import Assessment, Attestation, Participant, SamePerson
from randomization.blinded.screening.same_person import identity_of
from randomization.blinded.screening.states import State
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.entropy import new_uid
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service


def _check_complete(known: Identity, same: Mapping[str, bool]) -> None:
    asked = {look_alike.number for look_alike in known.look_alikes}
    for number in sorted(set(same) - asked):
        raise InvalidInput(
            _("%(number)s has another sex or year of birth, or was screened elsewhere.", number=number), field="same"
        )
    for number in sorted(asked - set(same)):
        raise InvalidInput(
            _("Answer yes or no: is it the same person as %(number)s?", number=number), field=f"same_{number}"
        )


def _links(uids: set[UUID]) -> list[frozenset[UUID]]:
    """The pairs among these files that are one person: by an earlier number, or by the last answer."""
    linked = Participant.objects.filter(uid__in=uids, earlier__in=uids).values_list("uid", "earlier_id")
    answers = dict.fromkeys(map(frozenset, linked), True)
    rows = SamePerson.objects.filter(participant__in=uids, other__in=uids).order_by("id")
    for uid, other, is_same in rows.values_list("participant_id", "other_id", "is_same"):
        answers[frozenset((uid, other))] = is_same
    return [pair for pair, is_same in answers.items() if is_same]


def _regroup(people: set[UUID]) -> None:
    """Every file of these persons under lock gets the person that the answers say."""
    files = list(
        Participant.objects.select_for_update(of=("self",))
        .filter(person_uid__in=people)
        .order_by("screened_at", "number")
    )
    held = [Held(file.uid, file.person_uid, file.state == State.ALLOCATED) for file in files]
    answer = persons(held, _links({file.uid for file in files}), (new_uid() for _unused in files))
    for file in files:
        if answer[file.uid] != file.person_uid:
            Participant.objects.filter(uid=file.uid).update(person_uid=answer[file.uid])


def _keep_pairs(actor: Actor, participant: Participant, mine: Assessment, changed: Mapping[str, bool]) -> None:
    """Keep the answers about other participants, and bring the files of one person together, or apart."""
    others = {other.number: other for other in Participant.objects.filter(number__in=changed)}
    SamePerson.objects.bulk_create(
        [
            SamePerson(
                participant=participant,
                other=others[number],
                sex=mine.sex,
                year_of_birth=mine.year_of_birth,
                is_same=is_same,
                answered_by=actor.user_name,
                answered_at=clock.now(),
            )
            for number, is_same in sorted(changed.items())
        ]
    )
    joined = {others[number].person_uid for number, is_same in changed.items() if is_same}
    parted = {other.person_uid for other in others.values()} & {participant.person_uid}
    if joined | parted:
        _regroup({participant.person_uid} | joined)
        participant.refresh_from_db(fields=["person_uid"])


def _sign_again(participant: Participant) -> None:
    """What was signed of a file that came together with another one is signed again, with both known."""
    for file in Participant.objects.filter(person_uid=participant.person_uid, state=State.ELIGIBLE):
        move(file, State.SCREENING)
        if file.uid == participant.uid:
            participant.state = State.SCREENING


@service
def answer_identity(
    *, actor: Actor, number: str, same: Mapping[str, bool], elsewhere: bool, reason: str = ""
) -> Identity:
    """Keep an answer for each look-alike by number, and whether the person was randomised at another site.

    The answers are part of no signature, but one that bars entry, or stops to, takes the participant back to screening,
    and so does one that brings two files together.
    Raises Refused before the eligibility questions or once randomised, InvalidInput for a look-alike left out, one
    nobody asked about, or a changed answer without a reason.
    """
    participant = open_for_change(actor, number, Permission.PARTICIPANT_SCREEN)
    mine = participant.assessment
    if mine is None:
        raise Refused(
            _("Answer the eligibility questions first: sex and year of birth are compared."), code="no_answers"
        )
    before = identity_of(participant)
    _check_complete(before, same)
    old = {look_alike.number: look_alike.is_same for look_alike in before.look_alikes}
    changed = {other: is_same for other, is_same in same.items() if old[other] is not is_same}
    corrects = any(old[other] is not None for other in changed) or before.elsewhere not in {None, elsewhere}
    need_reason(corrects, reason)
    if not changed and before.elsewhere is elsewhere:
        return before
    if changed:
        _keep_pairs(actor, participant, mine, changed)
    if before.elsewhere is not elsewhere:
        Attestation.objects.create(
            participant=participant,
            sex=mine.sex,
            year_of_birth=mine.year_of_birth,
            is_randomised_elsewhere=elsewhere,
            attested_by=actor.user_name,
            attested_at=clock.now(),
        )
    record(
        actor=actor,
        action="identity.answer",
        subject=participant.number,
        stream=participant.site_id,
        data={
            "old": {"same": {other: old[other] for other in changed}, "elsewhere": before.elsewhere},
            "new": {"same": dict(changed), "elsewhere": elsewhere},
        },
        texts={"reason": reason},
    )
    after = identity_of(participant)
    if any(changed.values()):
        _sign_again(participant)
    if after.bars != before.bars and participant.state != State.SCREENING:
        move(participant, State.SCREENING)
    return after

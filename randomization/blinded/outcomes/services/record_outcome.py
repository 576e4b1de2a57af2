"""SOFA by day and organ, and the milestones that end or interrupt it: discharge, death, loss to follow-up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.outcomes.models import Milestone, SofaDay
from randomization.blinded.outcomes.selectors import milestones_of
from randomization.blinded.outcomes.sofa_file import SofaRow
from randomization.blinded.outcomes.states import LAST_DAY, ORGANS, MilestoneKind
from randomization.blinded.screening.file_changes import locked, need_reason
from randomization.blinded.screening.models import Participant, Scope
from randomization.blinded.screening.states import State
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import service, undo

MOST_ROWS = 20_000


def _participant(actor: Actor, number: str) -> Participant:
    """An allocated participant whose data may still be used, locked."""
    participant = locked(actor, number, Permission.OUTCOME_RECORD)
    if participant.state != State.ALLOCATED:
        raise Refused(
            _("%(number)s is not randomised: outcomes follow randomisation.", number=participant.number),
            code="not_allocated",
        )
    if participant.withdrawals.filter(scope=Scope.DATA).exists():
        raise Refused(
            _("%(number)s withdrew from further use of data: nothing more is recorded.", number=participant.number),
            code="withdrawn",
        )
    return participant


def _check_scores(day: int, scores: Mapping[str, int]) -> None:
    if not 1 <= day <= LAST_DAY:
        raise InvalidInput(_("SOFA is recorded for days 1 to %(day)s.", day=LAST_DAY), field="day")
    for organ in ORGANS:
        value = scores.get(organ)
        if value is None or not 0 <= value <= 4:
            raise InvalidInput(_("Each organ scores 0 to 4."), field=organ)


@service
def record_sofa(*, actor: Actor, number: str, day: int, scores: Mapping[str, int], reason: str = "") -> SofaDay:
    """Record the scores of one day, each organ 0 to 4; again is a correction with its reason, and the last counts.

    The same scores again are the same row. Raises NotFound outside reach, Refused before allocation or after a
    withdrawal from further use of data, InvalidInput for a day or score that cannot be.
    """
    return _record(actor, _participant(actor, number), day, scores, reason)[0]


def _record(
    actor: Actor, participant: Participant, day: int, scores: Mapping[str, int], reason: str
) -> tuple[SofaDay, bool]:
    """The row that counts for the day, and whether it is new."""
    _check_scores(day, scores)
    if day > (clock.now() - participant.course.first_dose_at) // timedelta(days=1) + 2:  # days of a calendar, any zone
        raise InvalidInput(_("Day %(day)s has not come yet: count from the first dose.", day=day), field="day")
    before = SofaDay.objects.filter(participant=participant, day=day).order_by("-id").first()
    new = {organ: scores[organ] for organ in ORGANS}
    old = {organ: getattr(before, organ) for organ in ORGANS} if before else None
    if before is not None and old == new:
        return before, False
    need_reason(before is not None, reason)
    sofa_day = SofaDay.objects.create(
        participant=participant, day=day, recorded_by=actor.user_name, recorded_at=clock.now(), **new
    )
    record(
        actor=actor,
        action="sofa.record",
        subject=participant.number,
        stream=participant.site_id,
        data={"day": day, "old": old, "new": new},
        texts={"reason": reason},
    )
    return sofa_day, True


def _check_order(participant: Participant, kind: MilestoneKind, at: datetime) -> None:
    """Nothing comes after death."""
    others = {row.kind: row.at for row in milestones_of(participant) if row.kind != kind}
    if kind is MilestoneKind.DEATH and any(at < other for other in others.values()):
        raise InvalidInput(_("Something is recorded after this time: check day and hour."), field="at")
    if MilestoneKind.DEATH in others and at > others[MilestoneKind.DEATH]:
        raise InvalidInput(_("The patient had died before this time: check day and hour."), field="at")


@service
def record_milestone(*, actor: Actor, number: str, kind: MilestoneKind, at: datetime, reason: str = "") -> Milestone:
    """Record discharge, death or loss to follow-up at `at` (UTC); a correction takes a reason, the last one counts.

    Raises as `record_sofa`, and InvalidInput for a time in the future, before sepsis or after death.
    """
    participant = _participant(actor, number)
    if at > clock.now():
        raise InvalidInput(_("The time lies in the future: check day and hour."), field="at")
    if at < participant.sepsis_at:
        raise InvalidInput(_("The time lies before sepsis was identified: check day and hour."), field="at")
    _check_order(participant, kind, at)
    before = Milestone.objects.filter(participant=participant, kind=kind).order_by("-id").first()
    need_reason(before is not None, reason)
    milestone = Milestone.objects.create(
        participant=participant, kind=kind, at=at, recorded_by=actor.user_name, recorded_at=clock.now()
    )
    record(
        actor=actor,
        action="milestone.record",
        subject=participant.number,
        stream=participant.site_id,
        data={"kind": str(kind), "old": clock.stamp(before.at) if before else None, "new": clock.stamp(at)},
        texts={"reason": reason},
    )
    return milestone


@service
def import_sofa(*, actor: Actor, rows: Sequence[SofaRow], reason: str, dry_run: bool = False) -> int:
    """Record many days at once, all or none; returns how many were new or corrected. A dry run records nothing.

    Raises InvalidInput naming the first line that cannot be recorded; then nothing is.
    """
    need_reason(is_correction=True, reason=reason)
    if not 1 <= len(rows) <= MOST_ROWS:
        raise InvalidInput(_("A file has 1 to %(rows)s lines.", rows=MOST_ROWS), field="file")
    participants: dict[str, Participant] = {}
    changed = 0
    for row in rows:
        try:
            participant = participants.get(row.number) or participants.setdefault(
                row.number, _participant(actor, row.number)
            )
            changed += _record(actor, participant, row.day, row.scores, reason)[1]
        except (InvalidInput, Refused) as error:
            raise InvalidInput(
                _("Line %(line)s: %(sentence)s Nothing was recorded.", line=row.line, sentence=error.sentence),
                field="file",
            ) from error
    if dry_run:
        undo()
    return changed

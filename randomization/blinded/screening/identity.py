"""Is this somebody who was screened or randomised before? What is known in, the gate and the groups out.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from randomization.shared.obstacles import Obstacle
from randomization.shared.sentences import sentence as _


class IdentityGate(StrEnum):
    """A gate that keeps one allocation a person, by the code of its refusal."""

    RANDOMISED_BEFORE = "randomised_before"
    RANDOMISED_ELSEWHERE = "randomised_elsewhere"
    OPEN = "same_person_open"


@dataclass(frozen=True, slots=True)
class LookAlike:
    """Another participant of the same site, sex and year of birth; `is_same`: the answer that counts, None: none."""

    number: str
    is_same: bool | None


@dataclass(frozen=True, slots=True)
class Identity:
    """What is known of who a participant is.

    look_alikes: those asked about. elsewhere: whether somebody attests a randomisation at another site; None: nobody
    attested it yet. randomised_as: the number under which the same person is randomised already.
    was_judged_with_covid19: whether a verdict with the COVID-19 answer yes was told in any file of this person.
    """

    look_alikes: tuple[LookAlike, ...] = ()
    elsewhere: bool | None = None
    randomised_as: str | None = None
    was_judged_with_covid19: bool = False

    @property
    def unanswered(self) -> tuple[str, ...]:
        """Numbers of those about whom the question waits."""
        return tuple(look_alike.number for look_alike in self.look_alikes if look_alike.is_same is None)

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to answer."""
        return bool(self.unanswered) or self.elsewhere is None

    @property
    def bars(self) -> bool:
        """Whether an answer bars entry: one allocation a person."""
        return self.randomised_as is not None or self.elsewhere is True


def obstacle(identity: Identity) -> Obstacle | None:
    """What stands against randomising this person; None where nothing does."""
    if identity.randomised_as is not None:
        return Obstacle(
            IdentityGate.RANDOMISED_BEFORE,
            _("The same person is randomised as %(number)s: one allocation a person.", number=identity.randomised_as),
        )
    if identity.elsewhere:
        return Obstacle(
            IdentityGate.RANDOMISED_ELSEWHERE,
            _("This person was randomised at another site of the trial: one allocation a person."),
        )
    if identity.unanswered:
        numbers = ", ".join(identity.unanswered)
        return Obstacle(
            IdentityGate.OPEN, _("Answer first whether this is the same person as %(numbers)s.", numbers=numbers)
        )
    if identity.elsewhere is None:
        return Obstacle(
            IdentityGate.OPEN, _("Attest first whether this person was randomised at another site of the trial.")
        )
    return None


@dataclass(frozen=True, slots=True)
class Held:
    """One file: whose it is by now, and whether it is randomised."""

    uid: UUID
    person_uid: UUID
    is_randomised: bool


def _groups(uids: Sequence[UUID], links: Iterable[Collection[UUID]]) -> list[set[UUID]]:
    groups = [{uid} for uid in uids]
    for link in links:
        joined = set[UUID]().union(*(group for group in groups if group & set(link)))
        groups = [group for group in groups if not group & joined] + [joined]
    return groups


def persons(files: Sequence[Held], links: Iterable[Collection[UUID]], new_uids: Iterable[UUID]) -> Mapping[UUID, UUID]:
    """The person of each file, where `links` join two files of one person; oldest file first.

    A randomised file keeps its person always. A group takes that of its randomised file, else that of its oldest; what
    is parted from a group that kept the person gets one of `new_uids`.
    """
    order, fresh = {held.uid: place for place, held in enumerate(files)}, iter(new_uids)
    by_uid = {held.uid: held for held in files}
    kept = {held.person_uid for held in files if held.is_randomised}
    answer = {held.uid: held.person_uid for held in files if held.is_randomised}
    for group in sorted(_groups(list(order), links), key=lambda group: min(order[uid] for uid in group)):
        members = sorted(group, key=order.__getitem__)
        randomised = [uid for uid in members if by_uid[uid].is_randomised]
        person = by_uid[(randomised or members)[0]].person_uid
        if not randomised and person in kept:
            person = next(fresh)
        kept.add(person)
        answer |= {uid: person for uid in members if not by_uid[uid].is_randomised}
    return answer

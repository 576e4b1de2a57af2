"""The busy pharmacist: one person at one bench, who begins the next syringe when the last is done.

How long a syringe takes depends on what goes into it. So every moment at which something is opened, printed or
released tells what the syringe before it held: whatever of these moments reached the ward would be a leak.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from immunosep_site.demonstration import cast, play
from pharmacy.preparation.labelling import print_labels
from pharmacy.preparation.models import Preparation
from pharmacy.preparation.services.finish import release, void
from pharmacy.preparation.services.prepare import prepare
from randomization.accounts.roles import Role
from randomization.blinded.bedside.models import Dose
from randomization.shared import clock
from randomization.shared.errors import Refused
from tests.both.worlds import chance

LONG_AGO = datetime.min.replace(tzinfo=UTC)
SITE = "GR01"
PHARMACIST = cast.at_site(Role.PHARMACIST, SITE)
Work = Callable[[], Iterator[int]]
"""What is done in one go until the next `yield`, which says how many minutes pass before it goes on."""


@dataclass
class Pharmacist:
    """`saline`, `drug`: minutes from opening to release, by content. `labels`: what stands on the
    syringes made. `refused`: why something could not be done.
    """

    saline: int = 8
    drug: int = 20
    free_at: datetime = LONG_AGO
    waiting: deque[tuple[str, Work]] = field(default_factory=deque)
    running: tuple[str, Iterator[int]] | None = None
    labels: dict[tuple[str, str, int], str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    asked: Counter[UUID] = field(default_factory=Counter)
    turns: int = 0

    def ask(self, name: str, work: Work) -> None:
        """One thing more to do, after what was asked before."""
        if self.next_at() is None:
            self.free_at = max(self.free_at, clock.now())
        self.waiting.append((name, work))

    def next_at(self) -> datetime | None:
        """When the pharmacist acts next; None with nothing to do."""
        return self.free_at if self.running or self.waiting else None

    def act(self) -> None:
        """Do what comes next; the clock must stand at `next_at()`."""
        if self.running is None:
            name, work = self.waiting.popleft()
            self.running, self.turns = (name, work()), 0
        name, going = self.running
        self.turns += 1
        chance.STREAM.reseed(f"{name} {self.turns}")
        minutes = next(going, None)
        if minutes is None:
            self.running = None
        else:
            self.free_at = clock.now() + timedelta(minutes=minutes)

    def minutes_for(self, preparation: Preparation) -> int:
        """How long this content takes."""
        return self.saline if preparation.product == "SALINE" else self.drug

    def ask_for(self, dose: Dose, *, override_reason: str = "", broken: bool = False, copy: bool = False) -> None:
        """One syringe. broken: the first one falls to the floor. copy: its labels are printed twice."""
        number, uid = dose.course.participant.number, dose.uid
        self.asked[uid] += 1
        self.ask(f"{number} {dose}, {self.asked[uid]}", lambda: self._syringe(uid, override_reason, broken, copy))

    def _syringe(self, dose_uid: UUID, override_reason: str, broken: bool, copy: bool) -> Iterator[int]:
        try:
            preparation = prepare(actor=PHARMACIST, dose_uid=dose_uid, override_reason=override_reason)
            yield self.minutes_for(preparation)
            if broken:
                void(actor=PHARMACIST, uid=preparation.uid, reason="fell to the floor")
                preparation = prepare(actor=PHARMACIST, dose_uid=dose_uid)
                yield self.minutes_for(preparation)
            play.make_and_check([preparation], SITE)
            print_labels(PHARMACIST, preparation.uid)
            if copy:
                print_labels(PHARMACIST, preparation.uid, reason="second copy for the file")
            release(actor=PHARMACIST, uid=preparation.uid, barcode=play.label_of(preparation))
        except Refused as refusal:
            self.refused.append(refusal.code)
            return
        self.labels[preparation.participant_number, preparation.route, preparation.number] = play.label_of(preparation)

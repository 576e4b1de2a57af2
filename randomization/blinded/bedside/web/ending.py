"""Pages of the ward that say on the empty form which ready syringes become void: nobody is asked a second time."""

from __future__ import annotations

from collections.abc import Sequence

from randomization.blinded.bedside.void_ready import ready_of
from randomization.blinded.screening.web import Step
from randomization.delivery.confirm_voids import KnownVoidsPage
from randomization.shared.foreseen import NONE_READY, UNSEEN, ExpectedVoid, on_the_ward


class KnownPage(KnownVoidsPage):
    """What becomes void is known before anything is typed."""

    def say(self, voids: Sequence[ExpectedVoid]) -> list[str]:
        return on_the_ward(voids) if voids else [NONE_READY, UNSEEN]


class EndingPage(KnownPage, Step):
    """An act after which nothing that is ready for a participant may be given."""

    def known(self) -> list[ExpectedVoid]:
        return ready_of(self.participant.uid)

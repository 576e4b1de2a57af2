"""Pages that say which prepared syringes an act makes void before it is done, and ask once more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.http import HttpResponse

from randomization.delivery.forms import SiteForm
from randomization.delivery.pages import FormPage
from randomization.delivery.sentences import shown
from randomization.shared.foreseen import Accepted, ExpectedVoid, VoidsNotAccepted, digest, in_the_pharmacy
from randomization.shared.sentences import sentence as _

FIELD = "foreseen"
NOTHING_PREPARED: Final = _("No prepared syringe becomes void by it.")


class ForeseenPage(FormPage):
    """A form page whose act makes prepared syringes void: it says which, and does it when exactly these were read.

    `act` passes `self.accepted` to its service, which asks where something else becomes void. Where that is known
    before anything is typed, `known` says it on the empty form, and nobody is asked a second time.
    Put it before the other base in a class.
    """

    @property
    def accepted(self) -> Accepted:
        """What the person who sends the form has read."""
        return Accepted(read=self.request.POST.get(FIELD, ""))

    def known(self) -> Sequence[ExpectedVoid] | None:
        """What becomes void whatever is typed; None where that depends on the form."""
        return None

    def say(self, voids: Sequence[ExpectedVoid]) -> list[str]:
        """`known` in sentences."""
        raise NotImplementedError

    def carried_out(self, form: SiteForm) -> HttpResponse | str:
        try:
            return super().carried_out(form)
        except VoidsNotAccepted as asked:
            sentences = [shown(sentence) for sentence in asked.sentences]
            return self.show(
                form, further={"foreseen": sentences, "foreseen_digest": digest(asked.voids), "asks": True}
            )

    def show(self, form: SiteForm, *, status: int = 200, further: dict[str, Any] | None = None) -> HttpResponse:
        if "foreseen" in (further or {}):
            return super().show(form, status=status, further=further)
        voids = self.known()
        if voids is None:
            # What was read stays so while something else on the form is put right.
            said: dict[str, Any] = {"foreseen_digest": self.request.POST.get(FIELD, "")}
        else:
            said = {"foreseen": [shown(one) for one in self.say(voids)], "foreseen_digest": digest(voids)}
        return super().show(form, status=status, further={**said, **(further or {})})


class PharmacyKnownPage(ForeseenPage):
    """A page above the line that says on the empty form which prepared syringes become void."""

    def say(self, voids: Sequence[ExpectedVoid]) -> list[str]:
        return in_the_pharmacy(voids) or [NOTHING_PREPARED]

"""Pages that say which prepared syringes an act makes void before it is done, and ask once more."""

from __future__ import annotations

from abc import abstractmethod
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

    `form_valid` passes `self.accepted` to its service, which asks where something else becomes void.
    Put it before the other base in a class.
    """

    @property
    def accepted(self) -> Accepted:
        """What the person who sends the form has read."""
        return Accepted(read=self.request.POST.get(FIELD, ""))

    def said_before(self) -> dict[str, Any]:
        """What the form says and carries before it asks; what was read stays while something else is put right."""
        return {"foreseen_digest": self.request.POST.get(FIELD, "")}

    def carried_out(self, form: SiteForm) -> HttpResponse:
        try:
            return super().carried_out(form)
        except VoidsNotAccepted as asked:
            voids = {
                "foreseen": [shown(sentence) for sentence in asked.sentences],
                "foreseen_digest": digest(asked.voids),
            }
            return self.render_to_response(self.get_context_data(form=form, asks=True, **voids))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        before = {} if "foreseen" in kwargs else self.said_before()
        return super().get_context_data(**before, **kwargs)


class KnownVoidsPage(ForeseenPage):
    """What becomes void is known before anything is typed: the empty form says it, and nobody is asked again."""

    @abstractmethod
    def known(self) -> Sequence[ExpectedVoid]:
        """What becomes void whatever is typed."""

    @abstractmethod
    def say(self, voids: Sequence[ExpectedVoid]) -> list[str]:
        """`known` in sentences."""

    def said_before(self) -> dict[str, Any]:
        voids = self.known()
        return {"foreseen": [shown(sentence) for sentence in self.say(voids)], "foreseen_digest": digest(voids)}


class PharmacyKnownPage(KnownVoidsPage):
    """A page above the line that says on the empty form which prepared syringes become void."""

    def say(self, voids: Sequence[ExpectedVoid]) -> list[str]:
        return in_the_pharmacy(voids) or [NOTHING_PREPARED]

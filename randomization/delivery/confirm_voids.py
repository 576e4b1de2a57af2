"""Pages that say what an act will void before it is done, and ask once more."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from django.http import HttpResponse

from randomization.delivery.forms import SiteForm
from randomization.delivery.pages import FormPage
from randomization.delivery.sentences import shown

FIELD = "foreseen"


def digest(sentences: Sequence[str]) -> str:
    """What the form carries to say which sentences were read."""
    return sha256("\n".join(sentences).encode()).hexdigest()


class ForeseenPage(FormPage):
    """A form page whose act voids something: the first answer says what, the second does it.

    Where what would become void changed in between, the page asks again. Put it before the other base in a class.
    """

    @abstractmethod
    def foreseen(self, form: SiteForm) -> Sequence[str]:
        """What becomes void, in sentences; none where nothing does, and nothing is asked."""

    def carried_out(self, form: SiteForm) -> HttpResponse | str:
        sentences = list(self.foreseen(form))
        read = digest(sentences)
        if sentences and self.request.POST.get(FIELD) != read:
            further: dict[str, Any] = {"foreseen": [shown(one) for one in sentences], "foreseen_digest": read}
            return self.show(form, further=further)
        return super().carried_out(form)

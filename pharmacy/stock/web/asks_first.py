"""Pages that say what an act changes for what counts as there before it is done, and ask once more."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from django.http import HttpResponse

from randomization.delivery.confirm_voids import FIELD
from randomization.delivery.forms import SiteForm
from randomization.delivery.pages import FormPage
from randomization.delivery.sentences import shown


class AsksFirstPage(FormPage):
    """A form page that says what follows from an act: the first answer says it, the second does it.

    Where something else follows meanwhile, the page asks again. Put it before the other base in a class.
    """

    def follows(self, form: SiteForm) -> Sequence[str]:
        """What follows, in sentences; none where nobody needs to be asked."""
        return []

    def carried_out(self, form: SiteForm) -> HttpResponse:
        sentences = list(self.follows(form))
        read = sha256("\n".join(sentences).encode()).hexdigest()
        if sentences and self.request.POST.get(FIELD) != read:
            voids = {"foreseen": [shown(sentence) for sentence in sentences], "foreseen_digest": read}
            return self.render_to_response(self.get_context_data(form=form, asks=True, **voids))
        return super().carried_out(form)

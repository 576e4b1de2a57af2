"""Pages of screening, one for each step; what they share."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext_noop

from randomization.blinded.screening.selectors import File, find_participant
from randomization.delivery.pages import FormPage
from randomization.shared.errors import NotFound

SHOWN_WORDS: Final = (
    # states of a participant, and what the board is asked for
    gettext_noop("all"),
    gettext_noop("screening"),
    gettext_noop("not eligible"),
    gettext_noop("eligible"),
    gettext_noop("allocated"),
    gettext_noop("withdrawn"),
    # departures from the protocol, and what they are about
    gettext_noop("sample shipped late"),
    gettext_noop("sample before consent"),
    gettext_noop("first dose late"),
    gettext_noop("dose outside its window"),
    gettext_noop("dose too soon after the one before"),
    gettext_noop("dose missed"),
    gettext_noop("given after its use-before time"),
    gettext_noop("given from a void syringe"),
    gettext_noop("envelope against the protocol"),
    gettext_noop("opened before consent"),
    gettext_noop("opened before the sample was drawn"),
    gettext_noop("opened after the window from sepsis"),
    gettext_noop("signed as not eligible"),
    gettext_noop("consent was withdrawn"),
    gettext_noop("asked too late who the person is"),
    gettext_noop("randomised without an eligible verdict"),
    gettext_noop("randomised before"),
    gettext_noop("randomised at another site"),
    gettext_noop("first dose"),
    gettext_noop("sample"),
    # other words of a file
    gettext_noop("pending"),
    gettext_noop("patient"),
    gettext_noop("next of kin"),
    gettext_noop("female"),
    gettext_noop("male"),
    gettext_noop("treatment"),
    gettext_noop("follow-up"),
    gettext_noop("further use of data"),
)
"""Stored in English, shown in the reader's language."""


class Step(FormPage):
    """A page about one participant within reach, read once a request."""

    @cached_property
    def participant(self) -> File:
        """Whom the page is about; raises NotFound outside reach, and where another site treats: it takes the steps."""
        participant = find_participant(self.actor, self.kwargs["number"])
        if not self.actor.reaches(participant.site_id):
            raise NotFound()
        return participant

    def zone(self) -> str:
        return self.participant.site.time_zone

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "participant": self.participant, "zone": self.zone()}

    def get_success_url(self) -> str:
        """The participant's page."""
        return reverse("participant", args=[self.kwargs["number"]])

"""Appoint unblinded people: propose, and confirm as the second person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from randomization.accounts.forms import EndForm, SiteForm
from randomization.accounts.middleware import actor_in
from randomization.accounts.pages import FormPage, page
from randomization.accounts.roles import Permission, Role
from randomization.accounts.selectors import all_current, open_proposals
from randomization.accounts.services.appoint import Appointment, end_membership
from randomization.unblinded.people.forms import ProposeForm
from randomization.unblinded.people.services.appoint_by_two import confirm, propose


class Propose(FormPage):
    """First of two."""

    permission = Permission.PEOPLE_APPOINT
    form_class = ProposeForm
    template = "people/propose.html"
    heading = "Propose an unblinded person"
    button = "Propose"
    explain = "A second person confirms. Whoever has an account on the blinded side can hold the code break only."

    def context(self) -> dict[str, Any]:
        return {"proposals": open_proposals(), "memberships": all_current()}

    def act(self, form: SiteForm) -> str:
        given = dict(form.cleaned_data)
        password = given.pop("password")
        propose(actor=self.actor, appointment=Appointment(**{**given, "role": Role(given["role"])}), password=password)
        return reverse("people")


class EndMembership(FormPage):
    """End one membership of this side."""

    permission = Permission.PEOPLE_APPOINT
    form_class = EndForm
    heading = "End an unblinded membership"
    button = "End it now"
    explain = "The person cannot act in this role any more, at once; everything done stays on record."

    def act(self, form: SiteForm) -> str:
        end_membership(actor=self.actor, membership_id=str(self.kwargs["membership_id"]), **form.cleaned_data)
        return reverse("people")


@require_POST
@page(Permission.PEOPLE_APPOINT)
def confirm_proposal(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """Second of two."""
    confirm(actor=actor_in(request), proposal_id=str(proposal_id))
    return HttpResponseRedirect(reverse("people"))

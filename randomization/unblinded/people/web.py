"""Appoint unblinded people: propose, and confirm as the second person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from randomization.accounts.roles import Permission, Role
from randomization.accounts.selectors import all_current, open_proposals
from randomization.accounts.services import recover_account
from randomization.accounts.services.appoint import Delegation, end_membership, refuse_delegation
from randomization.delivery.forms import READMIT, AccountRecoveryForm, EndForm, SiteForm
from randomization.delivery.middleware import actor_in
from randomization.delivery.pages import FormPage, page
from randomization.unblinded.people.forms import ProposeForm
from randomization.unblinded.people.services.appoint_by_two import confirm, propose
from randomization.unblinded.people.services.recover_by_two import confirm_and_tell
from randomization.unblinded.people.waiting_requests import waiting_recoveries


class Propose(FormPage):
    """First of two."""

    permission = Permission.PEOPLE_APPOINT
    form_class = ProposeForm
    template_name = "people/propose.html"
    heading = _("Propose an unblinded person")
    button = _("Propose")
    explain = _("A second person confirms. A person with an account on the blinded side can hold the code break only.")
    success_url = reverse_lazy("people")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "proposals": open_proposals(), "memberships": all_current()}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        values = dict(form.cleaned_data)
        password = values.pop("password")
        propose(actor=self.actor, delegation=Delegation(**{**values, "role": Role(values["role"])}), password=password)
        return super().form_valid(form)


class RecoverAccount(FormPage):
    """Let somebody in again who lost password or telephone: first of two."""

    permission = Permission.PEOPLE_APPOINT
    form_class = AccountRecoveryForm
    template_name = "people/readmit.html"
    heading = _("Let somebody in again")
    button = _("Ask for it")
    explain = READMIT
    success_message = _("Nothing is changed yet: another person confirms it on this page.")
    typed = "user_name"
    success_url = reverse_lazy("readmit")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "waiting": waiting_recoveries(self.actor)}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        recover_account.ask_recovery(actor=self.actor, **form.cleaned_data)
        return super().form_valid(form)


@require_POST
@page(Permission.PEOPLE_APPOINT)
def confirm_recovery(request: HttpRequest, recovery_id: UUID) -> HttpResponse:
    """Second of two."""
    account = confirm_and_tell(actor=actor_in(request), recovery_id=str(recovery_id))
    messages.info(request, gettext("%(name)s can log in with the new password.") % {"name": account.user_name})
    return HttpResponseRedirect(reverse("readmit"))


@require_POST
@page(Permission.PEOPLE_APPOINT)
def refuse_recovery(request: HttpRequest, recovery_id: UUID) -> HttpResponse:
    """No."""
    recover_account.refuse_recovery(actor=actor_in(request), recovery_id=str(recovery_id))
    return HttpResponseRedirect(reverse("readmit"))


class EndMembership(FormPage):
    """End one membership of this side."""

    permission = Permission.PEOPLE_APPOINT
    form_class = EndForm
    heading = _("End an unblinded membership")
    button = _("End it now")
    explain = _("The person cannot act in this role any more, at once; everything done stays on record.")
    success_url = reverse_lazy("people")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        end_membership(actor=self.actor, membership_id=str(self.kwargs["membership_id"]), **form.cleaned_data)
        return super().form_valid(form)


@require_POST
@page(Permission.PEOPLE_APPOINT)
def refuse_proposal(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """No."""
    refuse_delegation(actor=actor_in(request), proposal_id=str(proposal_id))
    return HttpResponseRedirect(reverse("people"))


@require_POST
@page(Permission.PEOPLE_APPOINT)
def confirm_proposal(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """Second of two."""
    confirm(actor=actor_in(request), proposal_id=str(proposal_id))
    return HttpResponseRedirect(reverse("people"))

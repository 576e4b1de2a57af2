"""What the trial manager does, beside the panel that only reads: people, and sites opened and closed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from randomization.accounts.forms import EndForm, SiteForm
from randomization.accounts.middleware import actor_in
from randomization.accounts.pages import FormPage, page
from randomization.accounts.roles import Permission, Role
from randomization.accounts.selectors import all_current
from randomization.accounts.services.appoint import Appointment, end_membership
from randomization.blinded.desk import forms
from randomization.blinded.desk.services.appoint_blinded import appoint_blinded
from randomization.blinded.sites.selectors import site, sites_for
from randomization.blinded.sites.services.register_sites import set_site_open


class Appoint(FormPage):
    """Appoint a blinded person."""

    permission = Permission.PEOPLE_APPOINT
    form_class = forms.AppointBlindedForm
    template = "desk/people.html"
    heading = "Appoint a blinded person"
    button = "Appoint"
    explain = "A name or e-mail that was ever used, here or on the other side, is refused."

    def context(self) -> dict[str, Any]:
        return {"memberships": all_current()}

    def act(self, form: SiteForm) -> str:
        given = dict(form.cleaned_data)
        password = given.pop("password")
        appoint_blinded(
            actor=self.actor, appointment=Appointment(**{**given, "role": Role(given["role"])}), password=password
        )
        return reverse("blinded_people")


class EndMembership(FormPage):
    """End one membership."""

    permission = Permission.PEOPLE_APPOINT
    form_class = EndForm
    heading = "End a membership"
    button = "End it now"
    explain = "The person cannot act in this role any more; everything done stays on record."

    def act(self, form: SiteForm) -> str:
        end_membership(actor=self.actor, membership_id=str(self.kwargs["membership_id"]), **form.cleaned_data)
        return reverse("blinded_people")


@page(Permission.SITE_MANAGE)
def sites(request: HttpRequest) -> HttpResponse:
    """All sites: open or closed, rehearsed or not, may supply or not."""
    return render(request, "desk/sites.html", {"sites": sites_for(actor_in(request))})


class SiteState(FormPage):
    """Open or close a site."""

    permission = Permission.SITE_MANAGE
    form_class = forms.SiteStateForm
    heading = "Open or close {code}"
    explain = "Closing stops screening and randomisation; treatment, pharmacy and code break go on."
    said = "The state of {code} is recorded."

    def context(self) -> dict[str, Any]:
        return {"site": site(self.actor, self.kwargs["code"])}

    def act(self, form: SiteForm) -> str:
        given = form.cleaned_data
        set_site_open(
            actor=self.actor, code=self.kwargs["code"], is_open=given["state"] == "open", reason=given["reason"]
        )
        return reverse("sites")

"""What the trial manager does, beside the panel that only reads: people, and sites opened and closed."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from randomization.accounts.roles import Permission, Role
from randomization.accounts.selectors import all_current
from randomization.accounts.services.appoint import Delegation, end_membership
from randomization.blinded.desk import forms
from randomization.blinded.desk.access import AccessRow, access_rows, reviews
from randomization.blinded.desk.people_file import HEAD, read_people
from randomization.blinded.desk.services.appoint_blinded import appoint_blinded
from randomization.blinded.desk.services.import_people import import_people
from randomization.blinded.desk.services.recover_blinded_account import recover_blinded_account
from randomization.blinded.desk.services.review_access import ReviewAccess, check_shown, review_access
from randomization.blinded.sites.pages import OwnSitePage
from randomization.blinded.sites.selectors import approvals_of, duties_of, self_checks_of, site, sites_for
from randomization.blinded.sites.services.register_sites import set_site_open
from randomization.blinded.sites.services.sign_self_check import SignSelfCheck, sign_self_check
from randomization.delivery.forms import READMIT, AccountRecoveryForm, EndForm, SiteForm
from randomization.delivery.middleware import actor_in
from randomization.delivery.pages import FormPage, file_answer, page
from randomization.shared.csv_file import read_upload, write_csv


class Appoint(FormPage):
    """Appoint a blinded person."""

    permission = Permission.PEOPLE_APPOINT
    form_class = forms.AppointBlindedForm
    template_name = "desk/people.html"
    heading = _("Appoint a blinded person")
    button = _("Appoint")
    explain = _("A name or e-mail that was ever used, here or on the other side, is refused.")
    success_url = reverse_lazy("blinded_people")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "memberships": all_current()}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        values = dict(form.cleaned_data)
        password = values.pop("password")
        appoint_blinded(
            actor=self.actor, delegation=Delegation(**{**values, "role": Role(values["role"])}), password=password
        )
        return super().form_valid(form)


class RecoverAccount(FormPage):
    """Let somebody in again who lost password or telephone."""

    permission = Permission.PEOPLE_APPOINT
    form_class = AccountRecoveryForm
    heading = _("Let somebody in again")
    button = _("Set the password anew")
    explain = READMIT
    success_message = _("The password is set anew, and a second step is no longer asked. The person gets an e-mail.")
    typed = "user_name"
    success_url = reverse_lazy("blinded_people")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        recover_blinded_account(actor=self.actor, **form.cleaned_data)
        return super().form_valid(form)


class EndMembership(FormPage):
    """End one membership."""

    permission = Permission.PEOPLE_APPOINT
    form_class = EndForm
    heading = _("End a membership")
    button = _("End it now")
    explain = _("The person cannot act in this role any more; everything done stays on record.")
    success_url = reverse_lazy("blinded_people")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        end_membership(actor=self.actor, membership_id=str(self.kwargs["membership_id"]), **form.cleaned_data)
        return super().form_valid(form)


@page(Permission.SITE_MANAGE)
def sites(request: HttpRequest) -> HttpResponse:
    """All sites: open or closed, rehearsed or not, may supply or not."""
    return render(request, "desk/sites.html", {"sites": sites_for(actor_in(request))})


class SiteState(FormPage):
    """Open or close a site."""

    permission = Permission.SITE_MANAGE
    form_class = forms.SiteStateForm
    template_name = "desk/site.html"
    heading = _("Open or close {code}")
    explain = _("Closing stops screening and randomisation; treatment, pharmacy and code break go on.")
    success_message = _("The state of {code} is recorded.")
    success_url = reverse_lazy("sites")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        place = site(self.actor, self.kwargs["code"])
        return {
            **super().get_context_data(**kwargs),
            "site": place,
            "zone": place.time_zone,
            "duties": duties_of(place),
            "approvals": approvals_of(place),
            "checks": self_checks_of(place),
        }

    def form_valid(self, form: SiteForm) -> HttpResponse:
        values = form.cleaned_data
        set_site_open(
            actor=self.actor, code=self.kwargs["code"], is_open=values["state"] == "open", reason=values["reason"]
        )
        return super().form_valid(form)


class SelfCheck(OwnSitePage):
    """The site tries itself before it opens."""

    permission = Permission.SITE_CHECK
    form_class = forms.SelfCheckForm
    template_name = "desk/self_check.html"
    heading = _("Self-check of your site")
    button = _("Sign the self-check")
    explain = _("Try each of these now. A site opens for the first time only after it passed.")
    success_message = _("The self-check is recorded.")
    success_url = reverse_lazy("self_check")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        place = site(self.actor, self.actor.site_code)
        return {
            **super().get_context_data(**kwargs),
            "site": place,
            "zone": place.time_zone,
            "checks": self_checks_of(place),
        }

    def form_valid(self, form: SiteForm) -> HttpResponse:
        code, values = self.actor.site_code, dict(form.cleaned_data)
        values.pop("secret")
        tried = {**values, **{key: values[key] == "yes" for key in ("printer", "scanner", "people_trained")}}
        command = SignSelfCheck(code, **tried)
        sign_self_check(actor=self.actor, command=command, grant=self.signed(form, command))
        return super().form_valid(form)


class PeopleFile(FormPage):
    """Many people from a file."""

    permission = Permission.PEOPLE_APPOINT
    form_class = forms.PeopleFileForm
    template_name = "desk/people_file.html"
    heading = _("Appoint people from a file")
    button = _("Try or appoint")
    explain = format_lazy(
        _(
            "Columns: {columns}, and ends_at (UTC) where access ends by itself. All lines, or none. A new person "
            "gets a first password, which the answer gives once, as a file."
        ),
        columns=", ".join(HEAD),
    )

    def form_valid(self, form: SiteForm) -> HttpResponse:
        rows, dry = read_people(read_upload(form.cleaned_data["file"])), form.cleaned_data["dry_run"]
        appointed = import_people(actor=self.actor, rows=rows, dry_run=dry)
        if dry:
            return self.render_to_response(self.get_context_data(form=form, made=appointed))
        cells = [(appointee.user_name, appointee.role, appointee.reach, appointee.password) for appointee in appointed]
        content = write_csv(("user_name", "role", "reach", "first_password"), cells)
        return file_answer(content, "text/csv; charset=utf-8", "first-passwords.csv")


class Review(FormPage):
    """Who can do what where, signed off."""

    permission = Permission.PEOPLE_APPOINT
    form_class = forms.ReviewForm
    template_name = "desk/review.html"
    heading = _("Review who can do what where")
    button = _("Sign the review")
    explain = _("Read every line. End what should not be there, then sign.")
    success_message = _("The review is signed.")
    success_url = reverse_lazy("review_access")

    @cached_property
    def rows(self) -> list[AccessRow]:
        """The memberships as they stand now, read once a request."""
        return access_rows()

    def get_initial(self) -> dict[str, Any]:
        return {"shown": ReviewAccess(self.rows).content_hash()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "rows": self.rows, "reviews": reviews()}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        command, values = ReviewAccess(self.rows), form.cleaned_data
        check_shown(command, values["shown"])
        review_access(actor=self.actor, command=command, note=values["note"], grant=self.signed(form, command))
        return super().form_valid(form)

"""Who may check where, and what was done that could tell the ward: for sponsor and unblinded monitor."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from pharmacy.preparation.second_check import arrangements
from pharmacy.preparation.services.check import ArrangeCheck, arrange_check, end_arrangement
from pharmacy.preparation.states import Arrangement
from randomization.accounts.roles import Permission
from randomization.delivery.forms import LocalTimeField, SigningForm, SiteForm
from randomization.delivery.middleware import actor_in
from randomization.delivery.pages import FormPage, page
from randomization.shared.ids import as_site_code


class ArrangeForm(SigningForm):
    """A cover by another site, or a waiver."""

    site_code = forms.CharField(label=_("Site"), help_text=_("Like GR01"))
    kind = forms.ChoiceField(
        label=_("Who checks there?"),
        widget=forms.RadioSelect,
        choices=[(Arrangement.COVER, _("The people of another site")), (Arrangement.WAIVER, _("Nobody: it is waived"))],
    )
    by_site = forms.CharField(label=_("Covering site"), required=False, help_text=_("Like GR02; empty for a waiver"))
    ends_at = LocalTimeField(label=_("Until"))
    reason = forms.CharField(label=_("Why does the site need it?"))


class Arrangements(FormPage):
    """Arrange the second check of a site that has no second person."""

    permission = Permission.CHECK_ARRANGE
    form_class = ArrangeForm
    template_name = "preparation/arrangements.html"
    heading = _("Second check at sites without a second person")
    button = _("Sign the arrangement")
    explain = _("A cover comes first: a waiver is for nights on which nobody can be reached.")
    success_url = reverse_lazy("arrangements")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "arrangements": arrangements()}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        values = {key: value for key, value in form.cleaned_data.items() if key != "secret"}
        values["site_code"], values["by_site"] = as_site_code(values["site_code"]), as_site_code(values["by_site"])
        command = ArrangeCheck(**{**values, "kind": Arrangement(values["kind"])})
        arrange_check(actor=self.actor, command=command, grant=self.signed(form, command))
        return super().form_valid(form)


@require_POST
@page(Permission.CHECK_ARRANGE)
def end(request: HttpRequest, arrangement_id: int) -> HttpResponse:
    """End an arrangement now."""
    end_arrangement(actor=actor_in(request), arrangement_id=arrangement_id)
    return HttpResponseRedirect(reverse("arrangements"))

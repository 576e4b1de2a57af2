"""Pages of the cases in which a correction after allocation reached another class."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from randomization.accounts.roles import Permission
from randomization.blinded.sites.for_unblinded import site
from randomization.delivery.confirm_voids import PharmacyKnownPage
from randomization.delivery.forms import SigningForm, SiteForm
from randomization.delivery.middleware import actor_in
from randomization.delivery.pages import FormPage, page
from randomization.shared.actor import SYSTEM
from randomization.shared.foreseen import ExpectedVoid
from randomization.shared.protocol import CLASSES
from randomization.unblinded.laboratory.prepared_classes import voided_by
from randomization.unblinded.laboratory.selectors import CaseRow, case_for, cases_for, reason_of, routes_of
from randomization.unblinded.laboratory.services.decide_class import (
    ConfirmClass,
    DecideClass,
    confirm_class,
    decide_class,
)


@page(Permission.CLASS_DECIDE)
def cases(request: HttpRequest) -> HttpResponse:
    """The cases within reach, newest first."""
    return render(request, "laboratory/cases.html", {"rows": cases_for(actor_in(request))})


class CasePage(FormPage):
    """A page about one case."""

    permission = Permission.CLASS_DECIDE
    template_name = "laboratory/case.html"
    explain = _("The allocation and its class stay on record as they were. Nobody on the ward may learn of this.")

    def row(self) -> CaseRow:
        return case_for(self.actor, self.kwargs["uid"])

    def zone(self) -> str:
        return site(SYSTEM, self.row().case.site_code).time_zone

    def title(self) -> str:
        return self.heading.format(number=self.row().case.participant_number)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.row()
        return {
            **super().get_context_data(**kwargs),
            "row": row,
            "zone": self.zone(),
            "because": reason_of(row.decision) if row.decision else "",
        }


class DecideForm(SigningForm):
    """The class, and from which dose on."""

    immune_class = forms.ChoiceField(
        label=_("Prepare as which class?"), choices=[(name, name) for name in CLASSES], widget=forms.RadioSelect
    )
    reason = forms.CharField(label=_("On what does the decision rest?"))

    def __init__(self, *args: Any, routes: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for route in routes:
            self.fields[f"from_{route}"] = forms.IntegerField(
                label=format_lazy(_("From which {route} dose on?"), route=route),
                min_value=1,
                help_text=_("A number that nobody has begun with"),
            )
        self.order_fields(None)


class Decide(CasePage):
    """First of two signatures."""

    form_class = DecideForm
    heading = _("Class of {number} after a correction")
    button = _("Sign the decision")
    irrevocable = _("It holds when the other role has signed too: pharmacist and safety officer decide together.")
    success_message = _("Signed. Nothing is void yet: who signs second reads which prepared syringes become void.")
    success_url = reverse_lazy("class_cases")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "routes": routes_of(self.row().case.site_code)}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        values = form.cleaned_data
        starts = {name.removeprefix("from_"): value for name, value in values.items() if name.startswith("from_")}
        case = self.row().case
        command = DecideClass(case.participant_number, case.pk, values["immune_class"], starts, values["reason"])
        decide_class(actor=self.actor, command=command, grant=self.signed(form, command))
        return super().form_valid(form)


class ConfirmForm(SigningForm):
    """The second signature."""


class Confirm(PharmacyKnownPage, CasePage):
    """Second of two signatures."""

    form_class = ConfirmForm
    heading = _("Confirm the class of {number}")
    button = _("Sign as second")

    def known(self) -> list[ExpectedVoid]:
        decision = self.row().decision
        return voided_by(decision) if decision and decision.confirmed_at is None else []

    irrevocable = _("From the named doses on, preparations follow this decision.")
    success_url = reverse_lazy("class_cases")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        row = self.row()
        grant = self.signed(form, ConfirmClass(row.case, row.decision))
        confirm_class(actor=self.actor, case_uid=self.kwargs["uid"], grant=grant, accepted=self.accepted)
        return super().form_valid(form)

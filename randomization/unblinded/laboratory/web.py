"""Pages of the laboratory: samples, receipt, values, close."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from randomization.accounts.roles import Permission
from randomization.delivery.forms import SiteForm
from randomization.delivery.middleware import actor_in
from randomization.delivery.pages import FormPage, page
from randomization.unblinded.laboratory import forms
from randomization.unblinded.laboratory.selectors import sample_for, samples_for, units_for
from randomization.unblinded.laboratory.services.analyse import (
    close_sample,
    enter_result,
    receive_sample,
    withdraw_result,
)

WAITS: Final = gettext_noop(
    "The value is implausible and waits: a second person reads it from the report and enters it again, with its unit. "
    "No verdict goes out before."
)
ENTERED: Final = gettext_noop("The value is entered.")


@page(Permission.SAMPLE_ANALYSE)
def samples(request: HttpRequest) -> HttpResponse:
    """Samples on their way and at hand, oldest first."""
    show_all = request.GET.get("all") == "1"
    rows = samples_for(actor_in(request), open_only=not show_all)
    return render(request, "laboratory/samples.html", {"rows": rows, "show_all": show_all})


class SamplePage(FormPage):
    """A page about one sample of the country."""

    permission = Permission.SAMPLE_ANALYSE
    template_name = "laboratory/sample.html"

    def zone(self) -> str:
        return sample_for(self.actor, self.kwargs["uid"]).sample.participant.site.time_zone

    def title(self) -> str:
        number = sample_for(self.actor, self.kwargs["uid"]).sample.participant.number
        return self.heading.format(number=number)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "row": sample_for(self.actor, self.kwargs["uid"]),
            "zone": self.zone(),
        }


class Receive(SamplePage):
    """Record that a sample arrived."""

    form_class = forms.ReceiptForm
    heading = _("Receive the sample of {number}")
    button = _("Record the receipt")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        receive_sample(actor=self.actor, sample_uid=self.kwargs["uid"], **form.cleaned_data)
        return redirect("sample_result", self.kwargs["uid"])


class Results(SamplePage):
    """Enter a value; the second one releases the verdict."""

    form_class = forms.ResultForm
    heading = _("Values of the sample of {number}")
    button = _("Enter the value")
    explain = _(
        "The ward learns eligible or not eligible when both values are in, and never a value or a class. "
        "An implausible value waits until a second person enters it too."
    )

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "units": units_for(self.actor, self.kwargs["uid"])}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        result = enter_result(actor=self.actor, sample_uid=self.kwargs["uid"], **form.cleaned_data)
        messages.info(self.request, gettext(WAITS if result.waits else ENTERED))
        return redirect("sample_result", self.kwargs["uid"])


class Withdraw(SamplePage):
    """A value that waits for a second person was none."""

    form_class = forms.WithdrawForm
    heading = _("Withdraw a value of the sample of {number}")
    button = _("Withdraw the value")
    explain = _("For a value that waits for a second person. It stays on record, and counts nowhere.")
    success_message = _("The value is withdrawn.")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        withdraw_result(actor=self.actor, sample_uid=self.kwargs["uid"], **form.cleaned_data)
        return super().form_valid(form)

    def get_success_url(self) -> str:
        return reverse("sample_result", args=[self.kwargs["uid"]])


class Close(SamplePage):
    """Release with what is there."""

    form_class = forms.CloseForm
    heading = _("Close the sample of {number}")
    button = _("Close and release the verdict")
    explain = _("For a value that will not come. Without ferritin the sample counts as not classified.")
    success_url = reverse_lazy("samples")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        close_sample(actor=self.actor, sample_uid=self.kwargs["uid"], **form.cleaned_data)
        return super().form_valid(form)

"""Pages of accountability: the report, its signature, queries, and what comes back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from pharmacy.accountability.papers import report_csv, report_pdf
from pharmacy.accountability.selectors import queries_of, report_of, reports_for, sign_offs, waiting_for_destruction
from pharmacy.accountability.services import reconcile
from randomization.accounts.roles import Permission
from randomization.blinded.sites.for_unblinded import site
from randomization.delivery.forms import ScanField, SigningForm, SiteForm
from randomization.delivery.middleware import actor_in
from randomization.delivery.once_pages import OncePage
from randomization.delivery.pages import FormPage, file_answer, page, pdf_answer

P = Permission
SHOWN_WORDS: Final = (
    gettext_noop("void before release"),
    gettext_noop("in preparation"),
    gettext_noop("on the ward"),
    gettext_noop("returned"),
    gettext_noop("returned and destroyed"),
    gettext_noop("outstanding"),
    gettext_noop("open"),
    gettext_noop("closed"),
    gettext_noop("opened in error"),
)
"""What became of a syringe, beside the states of its dose, and of a carton."""


@page(P.ACCOUNTABILITY_READ)
def reports(request: HttpRequest) -> HttpResponse:
    """The sites within reach, with what nobody can explain."""
    return render(request, "accountability/reports.html", {"reports": reports_for(actor_in(request))})


@page(P.ACCOUNTABILITY_READ)
def report(request: HttpRequest, site_code: str) -> HttpResponse:
    """From lot to dose to patient to return."""
    actor = actor_in(request)
    context = {
        "report": reconcile.read_report(actor=actor, site_code=site_code, as_what="page"),
        "queries": queries_of(actor, site_code),
        "zone": site(actor, site_code).time_zone,
        "signed": sign_offs(actor, site_code),
    }
    return render(request, "accountability/report.html", context)


@page(P.ACCOUNTABILITY_READ)
def pdf(request: HttpRequest, site_code: str) -> HttpResponse:
    """The report on paper."""
    actor = actor_in(request)
    site_report = reconcile.read_report(actor=actor, site_code=site_code, as_what="PDF")
    return pdf_answer(report_pdf(actor, site_report), f"accountability-{site_code}.pdf")


@page(P.ACCOUNTABILITY_READ)
def as_csv(request: HttpRequest, site_code: str) -> HttpResponse:
    """The report for a spreadsheet."""
    site_report = reconcile.read_report(actor=actor_in(request), site_code=site_code, as_what="CSV")
    return file_answer(report_csv(site_report), "text/csv; charset=utf-8", f"accountability-{site_code}.csv")


@page(P.ACCOUNTABILITY_READ)
def all_as_csv(request: HttpRequest) -> HttpResponse:
    """The reports of every site within reach, for a spreadsheet."""
    site_reports = reconcile.read_reports(actor=actor_in(request), as_what="CSV")
    return file_answer(report_csv(*site_reports), "text/csv; charset=utf-8", "accountability.csv")


class ReportPage(FormPage):
    """A form about the report of one site."""

    def zone(self) -> str:
        return site(self.actor, self.kwargs["site_code"]).time_zone

    def get_success_url(self) -> str:
        return reverse("accountability", args=[self.kwargs["site_code"]])


class SignForm(SigningForm):
    """The signature, on what was read."""

    sha256 = forms.CharField(widget=forms.HiddenInput)


class Sign(ReportPage):
    """Sign the report as it was read."""

    permission = P.ACCOUNTABILITY_SIGN
    form_class = SignForm
    template_name = "accountability/sign.html"
    heading = _("Sign the accountability of {site_code}")
    button = _("Sign the report")
    irrevocable = _("Your signature is bound to what the report says now: lots, doses and what is unexplained.")

    def get_initial(self) -> dict[str, Any]:
        return {"sha256": report_of(self.actor, self.kwargs["site_code"]).sha256}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "report": report_of(self.actor, self.kwargs["site_code"])}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        code = self.kwargs["site_code"]
        now = reconcile.SignReport.of(report_of(self.actor, code))
        grant = self.signed(form, replace(now, sha256=form.cleaned_data["sha256"]))
        reconcile.sign_report(actor=self.actor, site_code=code, grant=grant)
        return super().form_valid(form)


class QueryForm(SiteForm):
    """A question."""

    subject = forms.CharField(label=_("About which lot, packaging code or dose?"), required=False, max_length=64)
    text = forms.CharField(label=_("Question"), widget=forms.Textarea(attrs={"rows": 3}))


class Ask(ReportPage):
    """Ask the pharmacy."""

    permission = P.ACCOUNTABILITY_QUERY
    form_class = QueryForm
    heading = _("Ask the pharmacy of {site_code}")
    button = _("Ask")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        reconcile.raise_query(actor=self.actor, site_code=self.kwargs["site_code"], **form.cleaned_data)
        return super().form_valid(form)


class AnswerForm(SiteForm):
    """An answer."""

    text = forms.CharField(label=_("Answer"), widget=forms.Textarea(attrs={"rows": 3}))


class Answer(ReportPage):
    """Answer as the pharmacy."""

    permission = P.STOCK_MANAGE
    form_class = AnswerForm
    heading = _("Answer the query at {site_code}")
    button = _("Answer")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        reconcile.answer_query(actor=self.actor, query_id=self.kwargs["query_id"], **form.cleaned_data)
        return super().form_valid(form)


@require_POST
@page(P.ACCOUNTABILITY_QUERY)
def close(request: HttpRequest, site_code: str, query_id: int) -> HttpResponse:
    """Close an answered query."""
    reconcile.close_query(actor=actor_in(request), query_id=query_id)
    return HttpResponseRedirect(reverse("accountability", args=[site_code]))


class ReturnForm(SiteForm):
    """The label of the syringe that came back."""

    barcode = ScanField(label=_("Scan the syringe that came back"), help_text=_("The square code on its label"))


class TakeBack(OncePage):
    """Syringes that were not given come back and are destroyed."""

    permission = P.PREPARATION_MAKE
    form_class = ReturnForm
    heading = _("Take a syringe back")
    button = _("Record the return")
    explain = _(
        "Void syringes, those past their use-before time, and those that the ward missed. Order their destruction "
        "afterwards."
    )
    success_message = _("The return is recorded. Scan the next one.")
    template_name = "accountability/take_back.html"
    success_url = reverse_lazy("take_back")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "waiting": waiting_for_destruction(self.actor)}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        reconcile.take_back(actor=self.actor, **form.cleaned_data)
        return super().form_valid(form)

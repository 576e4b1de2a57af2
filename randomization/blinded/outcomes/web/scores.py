"""SOFA by day, milestones, and a file of scores."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from randomization.accounts.roles import Permission
from randomization.blinded.outcomes import forms
from randomization.blinded.outcomes.selectors import milestones_of, sofa_of
from randomization.blinded.outcomes.services.record_outcome import import_sofa, record_milestone, record_sofa
from randomization.blinded.outcomes.sofa_file import HEAD, read_sofa
from randomization.blinded.outcomes.states import MilestoneKind
from randomization.blinded.screening.selectors import find_participant
from randomization.blinded.screening.web import Step
from randomization.delivery.forms import SiteForm
from randomization.delivery.pages import FormPage
from randomization.shared.csv_file import read_upload


class Sofa(Step):
    """The scores of one day."""

    permission = Permission.OUTCOME_RECORD
    form_class = forms.SofaForm
    template_name = "outcomes/sofa.html"
    heading = _("SOFA of {number}")
    button = _("Record the day")
    explain = _("Each organ 0 to 4, days 1 to 15. Recorded again, a day is corrected: say why.")
    success_message = _("The day is recorded.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        participant = find_participant(self.actor, self.kwargs["number"])
        return {
            **super().get_context_data(**kwargs),
            "rows": sofa_of(participant),
            "milestones": milestones_of(participant),
        }

    def form_valid(self, form: SiteForm) -> HttpResponse:
        assert isinstance(form, forms.SofaForm)
        values = form.cleaned_data
        record_sofa(
            actor=self.actor,
            number=self.kwargs["number"],
            day=values["day"],
            scores=form.scores(),
            reason=values["reason"],
        )
        return super().form_valid(form)

    def get_success_url(self) -> str:
        return reverse("sofa", args=[self.kwargs["number"]])


class MilestonePage(Step):
    """Discharge, death, loss to follow-up."""

    permission = Permission.OUTCOME_RECORD
    form_class = forms.MilestoneForm
    heading = _("Discharge, death or loss of {number}")
    button = _("Record")
    success_message = _("It is recorded. Stop the treatment too, if it goes on.")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        values = {**form.cleaned_data, "kind": MilestoneKind(form.cleaned_data["kind"])}
        record_milestone(actor=self.actor, number=self.kwargs["number"], **values)
        return super().form_valid(form)


class SofaFile(FormPage):
    """Many days at once."""

    permission = Permission.OUTCOME_RECORD
    form_class = forms.SofaFileForm
    template_name = "outcomes/sofa_file.html"
    heading = _("Import SOFA scores")
    button = _("Check or record the file")
    explain = format_lazy(
        _("Columns, in any order: {columns}. All lines are recorded, or none."), columns=", ".join(HEAD)
    )

    def form_valid(self, form: SiteForm) -> HttpResponse:
        values = form.cleaned_data
        rows = read_sofa(read_upload(values["file"]))
        dry = values["dry_run"]
        changed = import_sofa(actor=self.actor, rows=rows, reason=values["reason"], dry_run=dry)
        said = (
            gettext("%(lines)s lines, %(days)s new or changed days: nothing was recorded.")
            if dry
            else gettext("%(lines)s lines, %(days)s new or changed days: recorded.")
        ) % {"lines": len(rows), "days": changed}
        return self.render_to_response(self.get_context_data(form=form, said=said))

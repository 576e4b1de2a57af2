"""SOFA by day, milestones, and a file of scores."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from randomization.accounts.forms import SiteForm
from randomization.accounts.pages import FormPage
from randomization.accounts.roles import Permission
from randomization.blinded.bedside import forms
from randomization.blinded.bedside.selectors import milestones_of, sofa_of
from randomization.blinded.bedside.services.record_outcome import import_sofa, record_milestone, record_sofa
from randomization.blinded.bedside.sofafile import HEAD, read_sofa
from randomization.blinded.bedside.states import MilestoneKind
from randomization.blinded.screening.selectors import participant
from randomization.blinded.screening.web import Step
from randomization.documents.uploads import read_upload


class Sofa(Step):
    """The scores of one day."""

    permission = Permission.OUTCOME_RECORD
    form_class = forms.SofaForm
    template = "bedside/sofa.html"
    heading = "SOFA of {number}"
    button = "Record the day"
    explain = "Each organ 0 to 4, days 1 to 15. Recorded again, a day is corrected: say why."
    said = "The day is recorded."

    def context(self) -> dict[str, Any]:
        found = participant(self.actor, self.kwargs["number"])
        return {**super().context(), "rows": sofa_of(found), "milestones": milestones_of(found)}

    def act(self, form: SiteForm) -> str:
        assert isinstance(form, forms.SofaForm)
        given = form.cleaned_data
        record_sofa(
            actor=self.actor,
            number=self.kwargs["number"],
            day=given["day"],
            scores=form.scores(),
            reason=given["reason"],
        )
        return reverse("sofa", args=[self.kwargs["number"]])


class MilestonePage(Step):
    """Discharge, death, loss to follow-up."""

    permission = Permission.OUTCOME_RECORD
    form_class = forms.MilestoneForm
    heading = "Discharge, death or loss of {number}"
    button = "Record"
    said = "It is recorded. Stop the treatment too, if it goes on."

    def act(self, form: SiteForm) -> str:
        given = {**form.cleaned_data, "kind": MilestoneKind(form.cleaned_data["kind"])}
        record_milestone(actor=self.actor, number=self.kwargs["number"], **given)
        return self.back()


class SofaFile(FormPage):
    """Many days at once."""

    permission = Permission.OUTCOME_RECORD
    form_class = forms.SofaFileForm
    template = "bedside/sofa_file.html"
    heading = "Import SOFA scores"
    button = "Check or record the file"
    explain = f"Columns, in any order: {', '.join(HEAD)}. All lines are recorded, or none."

    def act(self, form: SiteForm) -> HttpResponse:
        given = form.cleaned_data
        rows = read_sofa(read_upload(given["file"]))
        dry = given["dry_run"]
        changed = import_sofa(actor=self.actor, rows=rows, reason=given["reason"], dry_run=dry)
        said = f"{len(rows)} lines, {changed} new or changed days: {'nothing was recorded' if dry else 'recorded'}."
        return self.show(form, further={"said": said})

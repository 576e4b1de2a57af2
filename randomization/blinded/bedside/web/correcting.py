"""Correct what was recorded of a dose: what follows is shown first, and recorded when it was seen."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from randomization.accounts.roles import Permission
from randomization.blinded.bedside.forms import CorrectForm
from randomization.blinded.bedside.selectors import dose, records_of
from randomization.blinded.bedside.services.correct_dose import DoseTruth, correct_dose
from randomization.blinded.bedside.states import NOT_RECORDED, DoseState
from randomization.delivery.forms import SiteForm
from randomization.delivery.pages import FormPage
from randomization.delivery.sentences import shown
from randomization.shared.foreseen import Accepted, digest
from randomization.shared.ids import dose_name
from randomization.shared.sentences import joined


class Correct(FormPage):
    """What is true of a dose instead of what was recorded."""

    permission = Permission.ADMINISTRATION_RECORD
    form_class = CorrectForm
    template_name = "bedside/correct.html"
    button = _("Show what follows, then correct")
    explain = _(
        "What was recorded stays readable. Doses not yet given, deviations and the start of the timetable are computed "
        "again: you read what follows before anything is recorded."
    )

    def zone(self) -> str:
        return dose(self.actor, self.kwargs["uid"]).course.participant.site.time_zone

    def title(self) -> str:
        this_dose = dose(self.actor, self.kwargs["uid"])
        named = {"dose": dose_name(this_dose.route, this_dose.number), "number": this_dose.course.participant.number}
        return gettext("Correct %(dose)s of %(number)s") % named

    def get_initial(self) -> dict[str, Any]:
        row = dose(self.actor, self.kwargs["uid"]).administration
        if row is None or row.outcome == DoseState.MISSED:
            return {}
        return {"outcome": DoseState.GIVEN.value, "at": row.at, "volume_ml": row.volume_ml, "given_by": row.given_by}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "rows": records_of(dose(self.actor, self.kwargs["uid"])),
            "zone": self.zone(),
        }

    def form_valid(self, form: SiteForm) -> HttpResponse:
        typed = form.cleaned_data
        keys = ("at", "volume_ml", "given_by", "barcode")
        outcome, facts = typed["outcome"], {key: typed[key] for key in keys}
        truth = DoseTruth(outcome == DoseState.GIVEN, planned_again=outcome == NOT_RECORDED, **facts)
        wanted: dict[str, Any] = {"dose_uid": self.kwargs["uid"], "truth": truth, "reason": typed["reason"]}
        follows = correct_dose(actor=self.actor, preview=True, **wanted)
        sentences = follows.sentences(self.zone())
        if typed["seen"] != follows.digest:
            once_more = self.request.POST.copy()
            once_more["seen"] = follows.digest
            shown_before = {"follows": sentences, "times": follows.times}
            again = CorrectForm(**{**self.get_form_kwargs(), "data": once_more})
            return self.render_to_response(self.get_context_data(form=again, **shown_before))
        correct_dose(actor=self.actor, accepted=Accepted(read=digest(follows.voids)), **wanted)
        said = gettext("%(dose)s is corrected.") % {"dose": follows.dose}
        messages.info(self.request, f"{said} {shown(joined(sentences))}")
        return redirect("doses", dose(self.actor, self.kwargs["uid"]).course.participant.number)

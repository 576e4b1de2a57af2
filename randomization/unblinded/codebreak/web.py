"""Pages of the code break: one patient, at once; and the drill."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from randomization.accounts.forms import SiteForm
from randomization.accounts.pages import FormPage, signed
from randomization.accounts.roles import Permission
from randomization.blinded.sites.selectors import site
from randomization.shared.entropy import new_uid
from randomization.unblinded.codebreak.forms import BreakForm, DrillForm
from randomization.unblinded.codebreak.selectors import allocation_for_break, code_breaks_for, needs_drill
from randomization.unblinded.codebreak.services import break_code as codebreak


class BreakCode(FormPage):
    """Show one patient's treatment, once."""

    permission = Permission.CODE_BREAK
    form_class = BreakForm
    template = "codebreak/break.html"
    heading = "Break the code of one patient"
    button = "Sign and show the treatment"
    explain = (
        "The answer comes at once. Nobody has to approve it. It is recorded, and the ward learns only that it happened."
    )
    irrevocable = "Whoever has seen a treatment cannot unsee it: tell nobody who does not need it to treat the patient."

    typed = "number"

    def initial(self) -> dict[str, Any]:
        return {"request_uid": new_uid()}

    def context(self) -> dict[str, Any]:
        return {"breaks": code_breaks_for(self.actor)}

    def act(self, form: SiteForm) -> HttpResponse:
        given = form.cleaned_data
        number = allocation_for_break(self.actor, given["number"]).participant.number
        content = codebreak.signed_content(number, given["category"], given["reason"])
        grant = signed(self.actor, form, meaning=codebreak.MEANING, subject=number, content=content)
        revealed = codebreak.break_code(
            actor=self.actor,
            number=number,
            category=given["category"],
            reason=given["reason"],
            grant=grant,
            request=given["request_uid"],
        )
        return render(self.request, "codebreak/revealed.html", {"revealed": revealed})


class Drill(FormPage):
    """Rehearse on a made-up patient."""

    permission = Permission.CODE_REHEARSE
    form_class = DrillForm
    template = "codebreak/drill.html"
    heading = "Rehearse the code break"
    button = "Sign and show the made-up patient"
    explain = (
        "The same steps as in an emergency, on a patient who does not exist. It opens your site for randomisation."
    )

    def context(self) -> dict[str, Any]:
        return {"needs_drill": needs_drill(self.actor.site_code)}

    def act(self, form: SiteForm) -> HttpResponse:
        reason, code = form.cleaned_data["reason"], site(self.actor, self.actor.site_code).code
        content = codebreak.signed_content(code, "drill", reason)
        grant = signed(self.actor, form, meaning=codebreak.MEANING, subject=code, content=content)
        revealed = codebreak.rehearse(actor=self.actor, site_code=code, reason=reason, grant=grant)
        return render(self.request, "codebreak/revealed.html", {"revealed": revealed})

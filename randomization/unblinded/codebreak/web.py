"""Pages of the code break: one patient, at once; a third party; the drill; report and assessment afterwards."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from randomization.accounts.roles import Permission, Role
from randomization.delivery.forms import SiteForm
from randomization.delivery.middleware import actor_in
from randomization.delivery.pages import FormPage, file_answer, page
from randomization.shared.entropy import new_uid
from randomization.unblinded.codebreak import forms
from randomization.unblinded.codebreak.patients import patient_for_break
from randomization.unblinded.codebreak.report import as_csv
from randomization.unblinded.codebreak.selectors import (
    breakers_of,
    code_break,
    code_breaks_for,
    needs_drill,
    unblindings,
    zone_of,
)
from randomization.unblinded.codebreak.services.assess_impact import AssessImpact, assess_impact
from randomization.unblinded.codebreak.services.break_code import BreakCode, Rehearse, break_code, rehearse
from randomization.unblinded.codebreak.services.enter_offline import EnterOffline, enter_offline
from randomization.unblinded.codebreak.services.tell_third_party import (
    NOBODY,
    InviteThirdParty,
    check_nobody_is_logged_in,
    invite_third_party,
    tell_third_party,
)

WAYS = (
    ("break_code", _("I need the answer myself")),
    ("invite_third_party", _("The treating physician needs it, I stay blind")),
    ("enter_offline", _("It was read from the emergency pack: enter it")),
)


class _Why(FormPage):
    """A page about one patient whose code is broken, with the category and the reason."""

    permission = Permission.CODE_BREAK
    template_name = "codebreak/break.html"
    typed = "number"

    def zone(self) -> str:
        return zone_of(self.actor.site_code)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "safety": self.actor.role == Role.SAFETY_OFFICER}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        here = self.request.resolver_match.url_name if self.request.resolver_match else ""
        return {**super().get_context_data(**kwargs), "breaks": code_breaks_for(self.actor), "ways": WAYS, "here": here}


class BreakCodePage(_Why):
    """Show one patient's treatment, once."""

    form_class = forms.BreakForm
    heading = _("Break the code of one patient")
    button = _("Sign and show the treatment")
    explain = _(
        "The answer comes at once. Nobody has to approve it. It is recorded, and the ward learns only that it happened."
    )
    irrevocable = _(
        "A person who has seen a treatment cannot unsee it: tell nobody who does not need it to treat the patient."
    )

    def get_initial(self) -> dict[str, Any]:
        return {"request_uid": new_uid()}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        values = form.cleaned_data
        number = patient_for_break(self.actor, values["number"]).number
        command = BreakCode(number, values["category"], values["reason"])
        grant = self.signed(form, command)
        revealed = break_code(actor=self.actor, command=command, grant=grant, request=values["request_uid"])
        return render(self.request, "codebreak/revealed.html", {"revealed": revealed})


class Invite(_Why):
    """A code for the treating physician, who reads the treatment instead."""

    form_class = forms.WhyForm
    heading = _("Let the treating physician read the treatment")
    button = _("Sign and make the code")
    explain = _(
        "You stay blind. Read the code over the telephone, or send the address: the person who opens it says name, "
        "function and telephone, and reads the treatment once. The code lives 30 minutes."
    )

    def form_valid(self, form: SiteForm) -> HttpResponse:
        values = form.cleaned_data
        number = patient_for_break(self.actor, values["number"]).number
        command = InviteThirdParty(number, values["category"], values["reason"])
        invitation = invite_third_party(actor=self.actor, command=command, grant=self.signed(form, command))
        # behind the #, which no server and no log ever sees; the page puts it into its field
        address = f"{self.request.build_absolute_uri(reverse('told_by_code'))}#{invitation.code}"
        return render(
            self.request, "codebreak/invited.html", {"told": invitation, "address": address, "zone": self.zone()}
        )


class Told(FormPage):
    """A third party reads one patient's treatment by a code; nobody logs in here."""

    anonymous = True
    form_class = forms.ThirdPartyForm
    heading = _("Read the treatment of one patient")
    button = _("Show the treatment")
    explain = _(
        "For the treating physician. The investigator who gave you the code does not see the answer: do not tell."
    )
    irrevocable = _("It is shown once. Who you are is recorded.")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        check_nobody_is_logged_in(getattr(self.request, "actor", None))
        revealed = tell_third_party(actor=NOBODY, **form.cleaned_data)
        return render(self.request, "codebreak/revealed.html", {"revealed": revealed})


class EnterOfflinePage(_Why):
    """A code was broken from the pack: enter it."""

    form_class = forms.OfflineForm
    heading = _("Enter a code that was broken from the emergency pack")
    button = _("Sign and enter")
    explain = _("Nothing is shown here. The ward learns that it happened, and it stands in the report.")
    success_message = _("The code break is entered.")
    success_url = reverse_lazy("break_code")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        values = dict(form.cleaned_data)
        values.pop("secret")
        values["number"] = patient_for_break(self.actor, values["number"]).number
        command = EnterOffline(**values)
        enter_offline(actor=self.actor, command=command, grant=self.signed(form, command))
        return super().form_valid(form)


class Drill(FormPage):
    """Rehearse on a made-up patient."""

    permission = Permission.CODE_REHEARSE
    form_class = forms.DrillForm
    template_name = "codebreak/drill.html"
    heading = _("Rehearse the code break")
    button = _("Sign and show the made-up patient")
    explain = _(
        "The same steps as in an emergency, on a patient who does not exist. Once everybody who may break codes here "
        "has rehearsed, your site can randomise."
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        code = self.actor.site_code
        return {**super().get_context_data(**kwargs), "needs_drill": needs_drill(code), "breakers": breakers_of(code)}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        command = Rehearse(self.actor.site_code, form.cleaned_data["reason"])
        revealed = rehearse(actor=self.actor, command=command, grant=self.signed(form, command))
        return render(self.request, "codebreak/revealed.html", {"revealed": revealed})


@page(Permission.CODE_REPORT)
def report(request: HttpRequest) -> HttpResponse:
    """Who was unblinded, when and why."""
    return render(request, "codebreak/report.html", {"rows": unblindings(actor_in(request))})


@page(Permission.CODE_REPORT)
def report_csv(request: HttpRequest) -> HttpResponse:
    """The same as a file."""
    return file_answer(as_csv(unblindings(actor_in(request))), "text/csv", "unblindings.csv")


class Assess(FormPage):
    """What an unblinding means for the trial."""

    permission = Permission.CODE_ASSESS
    form_class = forms.ImpactForm
    button = _("Sign the assessment")
    explain = _("Assessed again, the last one counts; earlier ones stay on record.")
    success_url = reverse_lazy("unblindings")

    def title(self) -> str:
        unblinding = code_break(self.actor, self.kwargs["uid"])
        return gettext("Impact of the unblinding of %(number)s") % {"number": unblinding.participant_number}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        values = dict(form.cleaned_data)
        values.pop("secret")
        uid = self.kwargs["uid"]
        command = AssessImpact(code_break(self.actor, uid).participant_number, uid, **values)
        assess_impact(actor=self.actor, command=command, grant=self.signed(form, command))
        return super().form_valid(form)

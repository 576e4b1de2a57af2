"""The steps at the bench, for one syringe or a patient's day alike: make, check, release.

Each page takes everything of one kit that stands at its step.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from pharmacy.preparation.instruction import (
    Ingredient,
    LotTaken,
    ingredients,
    is_labelled,
    lots_of,
    lots_taken,
    next_step,
    steps,
)
from pharmacy.preparation.second_check import (
    check_may_check,
    checker_named,
    covering_sites,
    is_waived,
    waiting_for_check,
)
from pharmacy.preparation.selectors import at_step, check_kit
from pharmacy.preparation.services.check import CheckSyringes, check
from pharmacy.preparation.services.finish import release
from pharmacy.preparation.services.make import MakeSyringes, make
from pharmacy.preparation.states import PreparationState
from pharmacy.preparation.web.lots_form import LotsForm
from randomization.accounts.roles import Permission
from randomization.blinded.sites.for_unblinded import on_duty, site
from randomization.delivery.forms import ScanField, SigningForm, SiteForm
from randomization.delivery.middleware import actor_in
from randomization.delivery.once_pages import OncePage
from randomization.delivery.pages import FormPage, page
from randomization.delivery.sentences import shown
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import Refused
from randomization.shared.ids import dose_name, parse_barcode, show_code


class ChosenForm(SigningForm):
    """Which of the syringes shown the signature is for: nothing is signed that the page did not show."""

    preparations = forms.TypedMultipleChoiceField(
        label=_("Which syringes?"), coerce=UUID, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, chosen: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["preparations"]
        field.choices = [
            (
                str(preparation.uid),
                format_lazy(
                    _("{dose}, code {code}"),
                    dose=dose_name(preparation.route, preparation.number),
                    code=show_code(preparation.pack_code),
                ),
            )
            for preparation in chosen
        ]
        field.error_messages["invalid_choice"] = _("What stands at this step changed meanwhile: look at it again.")


class MakeForm(LotsForm, ChosenForm):
    """Which syringes were made, from which lots, and the preparer's signature."""


class CheckForm(ChosenForm):
    """The second person's name, where he types it at this screen, and signature."""

    checker = forms.CharField(
        label=_("User name of the second person"),
        required=False,
        help_text=_("The person who made it cannot check it. The second person signs here, or at their own screen"),
    )
    lots = forms.TypedMultipleChoiceField(
        label=_("Read on the units themselves"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Number and expiry of each lot, on every unit"),
    )
    waiver_reason = forms.CharField(
        label=_("Why could nobody else check?"),
        required=False,
        help_text=_("Only where the sponsor waived the second check; recorded each time"),
    )

    def __init__(
        self, *args: Any, alone: bool, waived: bool, covers: Sequence[str], taken: Sequence[LotTaken], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        lots: Any = self.fields["lots"]
        lots.choices = [(str(lot.pk), shown(str(lot))) for lot in taken]
        lots.error_messages["invalid_choice"] = _("What was taken changed meanwhile: look at it again.")
        if not alone:
            del self.fields["checker"]
        if not (alone and waived):
            del self.fields["waiver_reason"]
        elif covers:
            self.fields["waiver_reason"].label = format_lazy(
                _("Why could nobody else check, nor {sites}?"), sites=", ".join(covers)
            )
        self.fields["secret"].label = (
            _("Password of the person who checks, to sign") if alone else _("Your password, to sign")
        )


class ReleaseForm(SiteForm):
    """The label on the syringe, scanned back."""

    barcode = ScanField(label=_("Scan the label on the syringe"), help_text=_("The square code, after you put it on"))
    hand_over_reason = forms.CharField(
        label=_("Only if the ward cannot wait: why?"),
        required=False,
        help_text=_("The ward then sees it now; the unblinded monitor is told that the blind was put at risk"),
    )


class Bench(FormPage):
    """A step for everything of one kit that stands there."""

    permission = Permission.PREPARATION_MAKE
    template_name = "preparation/bench.html"
    step: ClassVar[PreparationState]

    def found(self) -> list[Any]:
        """What stands at this step. Raises Refused where nothing does, NotFound for another site's kit."""
        preparations = self.waiting()
        if not preparations:
            check_kit(self.actor, self.kwargs["kit_code"])
            raise Refused(
                gettext_noop("Nothing of this kit waits for this step: go back to the worklist."), code="nothing_waits"
            )
        return preparations

    def waiting(self) -> list[Any]:
        """What stands at this step within reach."""
        return at_step(self.actor, self.kwargs["kit_code"], self.step)

    def offered(self, preparations: list[Any]) -> list[Any]:
        """What is ticked at first."""
        return preparations

    def get_initial(self) -> dict[str, Any]:
        return {"preparations": [str(preparation.uid) for preparation in self.offered(self.found())]}

    def zone(self) -> str:
        return site(SYSTEM, self.found()[0].site_code).time_zone

    def title(self) -> str:
        return self.heading.format(kit=show_code(self.kwargs["kit_code"]))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        preparations = self.found()
        rows = [
            (preparation, steps(preparation), lots_of(preparation), is_labelled(preparation))
            for preparation in preparations
        ]
        return {
            **super().get_context_data(**kwargs),
            "rows": rows,
            "zone": self.zone(),
            "is_own": self.actor.reaches(preparations[0].site_code),
            "kit_code": self.kwargs["kit_code"],
            "step": self.step,
            "unprinted": any(not labelled for *_row, labelled in rows),
        }

    def get_success_url(self) -> str:
        """The next step of this kit, or the worklist."""
        step = next_step(self.actor, self.kwargs["kit_code"])
        return reverse(step, args=[self.kwargs["kit_code"]]) if step else reverse("worklist")


class Make(OncePage, Bench):
    """Make it as instructed, name the lots, sign."""

    signs = True
    form_class = MakeForm
    template_name = "preparation/make.html"
    step = PreparationState.OPENED
    heading = _("Prepare {kit}")
    button = _("Sign: made as instructed")
    explain = _("Nothing that you see here may be said on the ward.")

    def needed(self) -> list[Ingredient]:
        """What the chosen syringes take; at first, all of them."""
        preparations, chosen = self.found(), self.request.POST.getlist("preparations")
        return ingredients(
            [preparation for preparation in preparations if str(preparation.uid) in chosen] or preparations
        )

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "needed": self.needed(), "chosen": self.found()}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        assert isinstance(form, MakeForm)
        command = MakeSyringes(self.kwargs["kit_code"], form.cleaned_data["preparations"], form.lots())
        grant = self.signed(form, command)
        return self.once(form, lambda: make(actor=self.actor, command=command, grant=grant))


class Check(Bench):
    """The second person compares syringe, lots and instruction, and signs."""

    form_class = CheckForm
    step = PreparationState.MADE
    heading = _("Check {kit}")
    button = _("Sign: checked")
    explain = _("Compare drug, strength, amount, volume and lot with the instruction, and the label with the syringe.")

    def waiting(self) -> list[Any]:
        return waiting_for_check(self.actor, self.kwargs["kit_code"])

    def offered(self, preparations: list[Any]) -> list[Any]:
        """What somebody else made; where there is none, all: the second person signs at this screen."""
        return [
            preparation for preparation in preparations if preparation.made_by != self.actor.user_name
        ] or preparations

    def get_form_kwargs(self) -> dict[str, Any]:
        preparations = self.found()
        return {
            **super().get_form_kwargs(),
            "alone": any(preparation.made_by == self.actor.user_name for preparation in preparations),
            "chosen": preparations,
            "waived": is_waived(preparations[0].site_code),
            "covers": covering_sites(preparations[0].site_code),
            "taken": lots_taken(preparations),
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        covers = [(code, on_duty(site(SYSTEM, code))) for code in covering_sites(self.found()[0].site_code)]
        return {**super().get_context_data(**kwargs), "covers": covers}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        uids, typed = form.cleaned_data["preparations"], form.cleaned_data.get("checker", "")
        command = CheckSyringes(self.kwargs["kit_code"], uids, form.cleaned_data["lots"])
        actor = checker_named(typed, check_may_check(self.actor, uids[0])) if typed else self.actor
        grant, reason = self.signed(form, command, actor=actor), form.cleaned_data.get("waiver_reason", "")
        check(actor=actor, command=command, grant=grant, waiver_reason=reason)
        return super().form_valid(form)


class Release(Bench):
    """Scan each label back; what was scanned goes to the ward at its time."""

    form_class = ReleaseForm
    step = PreparationState.CHECKED
    heading = _("Release {kit}")
    button = _("Release to the ward")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        label = parse_barcode(form.cleaned_data["barcode"])
        uid = next((preparation.uid for preparation in self.found() if preparation.pack_code == label.pack_code), None)
        if uid is None:
            raise Refused(
                gettext_noop("This label belongs to another syringe: nothing was released."), code="wrong_label"
            )
        preparation = release(actor=self.actor, uid=uid, **form.cleaned_data)
        said = gettext("%(dose)s of kit %(kit)s is released: the ward sees it at its time.")
        dose = dose_name(preparation.route, preparation.number)
        messages.info(self.request, said % {"dose": dose, "kit": show_code(preparation.kit_code)})
        return super().form_valid(form)


@page(Permission.PREPARATION_MAKE)
def checks(request: HttpRequest) -> HttpResponse:
    """What waits for a second person, here and where one's site covers."""
    actor = actor_in(request)
    rows = [(preparation, site(SYSTEM, preparation.site_code).time_zone) for preparation in waiting_for_check(actor)]
    return render(request, "preparation/checks.html", {"rows": rows})

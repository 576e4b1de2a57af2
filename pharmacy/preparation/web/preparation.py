"""One preparation: where it stands, its labels, its void."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from pharmacy.labels.media import LabelKind, Medium
from pharmacy.labels.sheet import Sheet
from pharmacy.preparation.instruction import STEPS, lots_of, steps
from pharmacy.preparation.labelling import preview, print_labels, print_unprinted
from pharmacy.preparation.selectors import preparation_for
from pharmacy.preparation.services.finish import hand_over_now, void
from pharmacy.preparation.states import PreparationState
from pharmacy.preparation.struck import voided_by_hand
from randomization.accounts.roles import Permission
from randomization.blinded.sites.for_unblinded import site
from randomization.delivery.confirm_voids import PharmacyKnownPage
from randomization.delivery.forms import SiteForm
from randomization.delivery.middleware import actor_in
from randomization.delivery.pages import FormPage, file_answer, page, pdf_answer
from randomization.shared.foreseen import ExpectedVoid
from randomization.shared.ids import show_code


class VoidForm(SiteForm):
    """Why a preparation is void."""

    reason = forms.CharField(label=_("Why is it void?"))


class HandOverForm(SiteForm):
    """Why the ward cannot wait."""

    reason = forms.CharField(label=_("Why can the ward not wait?"))


class PreparationPage(FormPage):
    """A page about one preparation of this site."""

    def zone(self) -> str:
        return site(self.actor, preparation_for(self.actor, self.kwargs["uid"]).site_code).time_zone

    def title(self) -> str:
        return self.heading.format(name=preparation_for(self.actor, self.kwargs["uid"]))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        preparation = preparation_for(self.actor, self.kwargs["uid"])
        return {
            **super().get_context_data(**kwargs),
            "preparation": preparation,
            "steps": steps(preparation),
            "zone": self.zone(),
        }


@page(Permission.PREPARATION_READ)
def one(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Where it stands, and the next step."""
    actor = actor_in(request)
    preparation = preparation_for(actor, uid)
    context = {
        "preparation": preparation,
        "steps": steps(preparation),
        "lots": lots_of(preparation),
        "zone": site(actor, preparation.site_code).time_zone,
        "next": STEPS.get(PreparationState(preparation.state)),
    }
    return render(request, "preparation/preparation.html", context)


class Void(PharmacyKnownPage, PreparationPage):
    """Void it."""

    permission = Permission.PREPARATION_MAKE
    form_class = VoidForm
    heading = _("Void {name}")
    button = _("Void this preparation")
    explain = _("The dose can be prepared again, with a new packaging code.")
    success_url = reverse_lazy("worklist")

    def known(self) -> list[ExpectedVoid]:
        return voided_by_hand(preparation_for(self.actor, self.kwargs["uid"]))

    def form_valid(self, form: SiteForm) -> HttpResponse:
        void(actor=self.actor, uid=self.kwargs["uid"], accepted=self.accepted, **form.cleaned_data)
        return super().form_valid(form)


class HandOver(PreparationPage):
    """Show it to the ward now."""

    permission = Permission.PREPARATION_MAKE
    form_class = HandOverForm
    heading = _("Hand over {name} now")
    button = _("Show it to the ward now")
    explain = _("The time was fixed so that it tells nothing about what the syringe holds.")
    irrevocable = _("The ward sees it at once, and the unblinded monitor is told that the blind was put at risk.")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        hand_over_now(actor=self.actor, uid=self.kwargs["uid"], **form.cleaned_data)
        return redirect("preparation", self.kwargs["uid"])


MEDIA: Final = (
    (Medium.ROLL, _("Roll, one label a page (PDF)")),
    (Medium.THERMAL, _("Thermal printer (ZPL)")),
    (Medium.SHEET, _("A4 sheet (PDF)")),
)
COUNTED: Final = _("Counted along the rows, from 1")


class LabelsForm(SiteForm):
    """What to print on; the kind and the first free position are for A4 sheets."""

    medium = forms.ChoiceField(
        label=_("Print on"),
        choices=MEDIA,
    )
    kind = forms.ChoiceField(label=_("A4: which labels"), choices=[("syringe", _("Syringe")), ("bag", _("Outer bag"))])
    start = forms.IntegerField(label=_("A4: first free position"), help_text=COUNTED, initial=1)
    reason = forms.CharField(label=_("Reason, if printed before"), required=False)


def _delivered(content: bytes, medium: Medium) -> HttpResponse:
    if medium is not Medium.THERMAL:
        return pdf_answer(content, "labels.pdf")
    return file_answer(content, "application/zpl", "labels.zpl")


class Labels(PreparationPage):
    """The labels: each print is recorded, a reprint with its reason."""

    permission = Permission.PREPARATION_MAKE
    form_class = LabelsForm
    template_name = "preparation/labels.html"
    heading = _("Labels of {name}")
    button = _("Print the labels")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        asked = form.cleaned_data
        medium = Medium(asked["medium"])
        route = preparation_for(self.actor, self.kwargs["uid"]).route
        sheet = Sheet("bag" if asked["kind"] == "bag" else route, asked["start"])
        content = print_labels(self.actor, self.kwargs["uid"], reason=asked["reason"], medium=medium, sheet=sheet)
        return _delivered(content, medium)


@page(Permission.PREPARATION_READ)
def label_picture(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The syringe's label, or with `?kind=bag` the outer bag's, as it prints; looking is no print."""
    outer = request.GET.get("kind") == LabelKind.BAG
    return HttpResponse(preview(actor_in(request), uid, outer=outer), content_type="image/png")


class KitForm(SiteForm):
    """What to print the labels of a patient's day on."""

    medium = forms.ChoiceField(label=_("Print on"), choices=MEDIA, required=False)
    kind = forms.ChoiceField(
        label=_("A4: which labels"),
        required=False,
        choices=[("IV", _("IV syringes")), ("SC", _("SC syringes")), ("bag", _("Bags"))],
    )
    start = forms.IntegerField(label=_("A4: first free position"), help_text=COUNTED, initial=1, required=False)


class LabelsOfKit(FormPage):
    """The labels of everything of one kit that was never printed, in one go."""

    permission = Permission.PREPARATION_MAKE
    form_class = KitForm
    heading = _("Labels of {kit}")
    button = _("Print the labels")
    explain = _("Every label of this kit that was never printed. Each is recorded.")

    def title(self) -> str:
        return self.heading.format(kit=show_code(self.kwargs["kit_code"]))

    def form_valid(self, form: SiteForm) -> HttpResponse:
        asked = form.cleaned_data
        medium = Medium(asked["medium"] or Medium.ROLL)
        sheet = Sheet(asked["kind"] or "IV", asked["start"] or 1) if medium is Medium.SHEET else None
        return _delivered(print_unprinted(self.actor, self.kwargs["kit_code"], medium=medium, sheet=sheet), medium)

"""Pages of what proves a pack: the register of opened cartons, and article numbers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from pharmacy.stock.articles import article_for, articles_for
from pharmacy.stock.cartons import carton_for, cartons_for, closed_cartons, row_of
from pharmacy.stock.choices import choices, products_in_use, products_there
from pharmacy.stock.read_pack import Typed
from pharmacy.stock.scanned_lot import read_article
from pharmacy.stock.services.articles import AddArticle, add_article, withdraw_article
from pharmacy.stock.services.cartons import close_carton, open_carton, record_opened_in_error
from randomization.accounts.roles import Permission
from randomization.blinded.sites.for_unblinded import OwnSitePage, site
from randomization.delivery.forms import ScanField, SigningForm, SiteForm
from randomization.delivery.middleware import actor_in
from randomization.delivery.once_pages import OncePage
from randomization.delivery.pages import page

P = Permission


@page(P.PREPARATION_READ)
def cartons(request: HttpRequest) -> HttpResponse:
    """The cartons open at one's own site, and those closed last."""
    actor = actor_in(request)
    context = {
        "rows": cartons_for(actor, actor.site_code),
        "closed": closed_cartons(actor, actor.site_code),
        "zone": site(actor, actor.site_code).time_zone,
    }
    return render(request, "stock/cartons.html", context)


@require_POST
@page(P.PREPARATION_MAKE)
def close(request: HttpRequest, carton_id: int) -> HttpResponse:
    """Close a carton."""
    closed = close_carton(actor=actor_in(request), carton_id=carton_id)
    messages.info(request, gettext("Carton %(number)s is closed.") % {"number": closed.pk})
    return HttpResponseRedirect(reverse("cartons"))


class CartonForm(SiteForm):
    """A carton as it is opened."""

    product = forms.ChoiceField(label=_("What should it be?"))
    code = ScanField(label=_("Scan the carton"), help_text=_("The square code; or type the lot as printed"))
    printed_lot = forms.CharField(
        label=_("Lot as printed"), required=False, help_text=_("Only where you are asked for it beside the code")
    )
    expires_on = forms.DateField(
        label=_("Expiry as printed"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty where the scanned code holds it"),
    )
    units = forms.IntegerField(
        label=_("Units in it"), required=False, min_value=1, help_text=_("Where you counted them")
    )
    reason = forms.CharField(
        label=_("Why was it typed and not scanned?"), required=False, help_text=_("Empty where it was scanned")
    )

    def __init__(self, *args: Any, site_code: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["product"]
        field.choices = [("", _("Choose")), *choices(products_there(site_code))]

    def typed(self) -> Typed:
        """What was scanned or typed."""
        cleaned = self.cleaned_data
        return Typed(cleaned["code"], cleaned["expires_on"], cleaned["printed_lot"], cleaned["reason"])


class OpenCarton(OncePage, OwnSitePage):
    """Write a carton into the register; back to the bench where one came from there."""

    permission = P.PREPARATION_MAKE
    form_class = CartonForm
    heading = _("Open a carton")
    button = _("Write it into the register")
    explain = _("Scan it as you open it. The units in it carry no code: their lot and expiry are known from here.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "site_code": self.actor.site_code}

    def get_initial(self) -> dict[str, Any]:
        return {"product": self.request.GET.get("product", "")}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        assert isinstance(form, CartonForm)
        opened = open_carton(
            actor=self.actor,
            site_code=self.actor.site_code,
            product=form.cleaned_data["product"],
            typed=form.typed(),
            units=form.cleaned_data["units"],
        )
        messages.info(self.request, gettext("It is carton %(number)s: write that on it.") % {"number": opened.pk})
        kit_code = self.request.GET.get("kit", "")
        return redirect("make", kit_code) if kit_code.isalnum() else redirect("cartons")


class InErrorForm(SiteForm):
    """What was wrong."""

    reason = forms.CharField(label=_("What was wrong?"), help_text=_("Like: the other lot was scanned"))


class OpenedInError(OncePage, OwnSitePage):
    """Say that a carton was written into the register in error."""

    permission = P.STOCK_MANAGE
    form_class = InErrorForm
    template_name = "stock/carton_in_error.html"
    heading = _("Carton {carton_id} was opened in error")
    button = _("Record it")
    explain = _(
        "It stays in the register, with your name and the reason, and gives nothing any more. No prepared syringe "
        "becomes void by it."
    )
    success_message = _("It is recorded. Nothing is taken from carton {carton_id} any more.")
    success_url = reverse_lazy("cartons")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        carton = carton_for(self.actor, self.kwargs["carton_id"], P.STOCK_MANAGE)
        return {**super().get_context_data(**kwargs), "row": row_of(carton), "zone": self.zone()}

    def form_valid(self, form: SiteForm) -> HttpResponse:
        record_opened_in_error(actor=self.actor, carton_id=self.kwargs["carton_id"], **form.cleaned_data)
        return super().form_valid(form)


class ArticleForm(SigningForm):
    """An article number, and the product that the pack is."""

    product = forms.ChoiceField(label=_("Product"))
    article = ScanField(label=_("Scan the pack"), help_text=_("Or type the article number below the code (GTIN)"))

    def __init__(self, *args: Any, site_code: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["product"]
        field.choices = [("", _("Choose")), *choices(products_in_use(site_code))]
        self.order_fields(None)


class Articles(OwnSitePage):
    """The article numbers that prove packs here, and a further one."""

    permission = P.PREPARATION_MAKE
    form_class = ArticleForm
    template_name = "stock/articles.html"
    heading = _("Article numbers")
    button = _("Sign: this article is this product")
    explain = _(
        "Read name and strength on the pack first. From then on a scan of this article proves the product here."
    )
    success_message = _("The article number is added.")
    success_url = reverse_lazy("articles")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "site_code": self.actor.site_code}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "rows": articles_for(self.actor, self.actor.site_code),
            "zone": self.zone(),
        }

    def form_valid(self, form: SiteForm) -> HttpResponse:
        gtin = read_article(form.cleaned_data["article"])
        command = AddArticle(self.actor.site_code, form.cleaned_data["product"], gtin)
        add_article(actor=self.actor, command=command, grant=self.signed(form, command))
        return super().form_valid(form)


class WithdrawForm(SiteForm):
    """Why it was wrong."""

    reason = forms.CharField(label=_("Why was it wrong?"))


class WithdrawArticle(OwnSitePage):
    """Withdraw an article number that was added here."""

    permission = P.STOCK_MANAGE
    form_class = WithdrawForm
    heading = _("Withdraw the article number {gtin}")
    button = _("Withdraw it")
    explain = _("It proves no pack any more. What was prepared stays as it is: look whether something must be void.")
    success_url = reverse_lazy("articles")

    def title(self) -> str:
        return str(self.heading).format(gtin=article_for(self.actor, self.kwargs["article_id"]).gtin)

    def form_valid(self, form: SiteForm) -> HttpResponse:
        withdraw_article(actor=self.actor, article_id=self.kwargs["article_id"], **form.cleaned_data)
        return super().form_valid(form)

"""What was done that could tell the ward what a syringe holds: for the unblinded monitor."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from pharmacy.worklist.risks import risks_by_site, risks_for
from pharmacy.worklist.services.see_risk import see_risk
from randomization.accounts.roles import Permission
from randomization.delivery.middleware import actor_in
from randomization.delivery.pages import page


@page(Permission.ACCOUNTABILITY_READ)
def risks(request: HttpRequest) -> HttpResponse:
    """What could have told the ward, newest first."""
    actor = actor_in(request)
    return render(request, "worklist/risks.html", {"rows": risks_for(actor), "counts": risks_by_site(actor)})


@require_POST
@page(Permission.ACCOUNTABILITY_SIGN)
def seen(request: HttpRequest, risk_id: int) -> HttpResponse:
    """The monitor has seen it."""
    see_risk(actor=actor_in(request), risk_id=risk_id)
    return HttpResponseRedirect(reverse("risks"))

"""A list of what waits in stock: of one site, or of every site for somebody who reaches all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from randomization.blinded.sites.for_unblinded import site
from randomization.delivery.middleware import actor_in
from randomization.shared.actor import EVERYWHERE, Actor


def list_page(request: HttpRequest, template: str, rows_for: Callable[[Actor], Sequence[Any]]) -> HttpResponse:
    """The rows that the person may read, with times of the site, or in UTC where they are of several."""
    actor = actor_in(request)
    everywhere = actor.site_code == EVERYWHERE
    context = {
        "rows": rows_for(actor),
        "everywhere": everywhere,
        "zone": "UTC" if everywhere else site(actor, actor.site_code).time_zone,
    }
    return render(request, template, context)

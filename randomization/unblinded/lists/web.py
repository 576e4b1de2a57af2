"""The statistician's page: which lists are sealed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from randomization.accounts.roles import Permission
from randomization.delivery.middleware import actor_in
from randomization.delivery.pages import page
from randomization.unblinded.lists.selectors import lists_for


@page(Permission.LIST_READ)
def lists(request: HttpRequest) -> HttpResponse:
    """Sealed lists with length and root; nothing is opened by looking."""
    return render(request, "lists/lists.html", {"lists": lists_for(actor_in(request))})

"""Addresses of appointments."""

from django.urls import path

from randomization.unblinded.people import web

urlpatterns = [
    path("people/", web.Propose.as_view(), name="people"),
    path("people/<uuid:proposal_id>/confirm/", web.confirm_proposal, name="confirm_proposal"),
]

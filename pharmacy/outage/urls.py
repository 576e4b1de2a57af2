"""Addresses of the outage."""

from django.urls import path

from pharmacy.outage import api, web

urlpatterns = [
    path("pharmacy/envelopes/", web.EnterPreparationPage.as_view(), name="enter_preparation"),
]
api_urlpatterns = [
    path("pharmacy/preparations/envelopes/", api.FromEnvelope.as_view(), name="api_enter_preparation"),
]

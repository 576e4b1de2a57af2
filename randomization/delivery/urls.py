"""Addresses of log-in and roles."""

from django.urls import path

from randomization.delivery import api
from randomization.delivery.web import log_in, second_factor, tablets, trail

urlpatterns = [
    path("log-in/", log_in.LogIn.as_view(), name="log_in"),
    path("log-in/second-step/", second_factor.SecondStep.as_view(), name="second_step"),
    path("second-step/", second_factor.Factor.as_view(), name="factor"),
    path("second-step/confirm/", second_factor.ConfirmFactor.as_view(), name="confirm_factor"),
    path("log-out/", log_in.LogOut.as_view(), name="log_out"),
    path("password/", log_in.Password.as_view(), name="password"),
    path("role/", log_in.choose_role, name="choose_role"),
    path("language/", log_in.set_language, name="set_language"),
    path("audit/", trail.trail, name="trail"),
    path("audit/found.csv", trail.found_csv, name="trail_csv"),
    path("audit/redact/", trail.Redact.as_view(), name="redact"),
    path("audit/export/", trail.export, name="trail_export"),
]
tablet_urlpatterns = [
    path("tablet/", tablets.TabletLogIn.as_view(), name="tablet"),
    path("tablets/", tablets.Tablets.as_view(), name="tablets"),
    path("tablets/<uuid:tablet_id>/end/", tablets.EndTablet.as_view(), name="end_tablet"),
    path("tablets/pin/", tablets.Pin.as_view(), name="pin"),
    path("tablets/badge/", tablets.Badge.as_view(), name="badge"),
]
"""Of the blinded side alone: nobody above the line gives doses."""
api_urlpatterns = [
    path("tokens/", api.Tokens.as_view(), name="api_tokens"),
    path("audit/redactions/", trail.Redactions.as_view(), name="api_redactions"),
    path("audit/events/", trail.Events.as_view(), name="api_events"),
]

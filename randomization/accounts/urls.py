"""Addresses of log-in and roles."""

from django.urls import path

from randomization.accounts import api, factor, tablets, trail, web

urlpatterns = [
    path("log-in/", web.LogIn.as_view(), name="log_in"),
    path("log-in/second-step/", factor.SecondStep.as_view(), name="second_step"),
    path("second-step/", factor.Factor.as_view(), name="factor"),
    path("second-step/confirm/", factor.ConfirmFactor.as_view(), name="confirm_factor"),
    path("log-out/", web.LogOut.as_view(), name="log_out"),
    path("password/", web.Password.as_view(), name="password"),
    path("role/", web.choose_role, name="choose_role"),
    path("language/", web.set_language, name="set_language"),
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

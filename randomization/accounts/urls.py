"""Addresses of log-in and roles."""

from django.urls import path

from randomization.accounts import api, web

urlpatterns = [
    path("log-in/", web.LogIn.as_view(), name="log_in"),
    path("log-out/", web.LogOut.as_view(), name="log_out"),
    path("role/", web.choose_role, name="choose_role"),
]
api_urlpatterns = [path("tokens/", api.Tokens.as_view(), name="api_tokens")]

"""Addresses of the code break."""

from django.urls import path

from randomization.unblinded.codebreak import api, web

urlpatterns = [
    path("code-break/", web.BreakCode.as_view(), name="break_code"),
    path("code-break/drill/", web.Drill.as_view(), name="drill"),
]
api_urlpatterns = [path("code-breaks/", api.CodeBreaks.as_view(), name="api_code_breaks")]

"""Addresses of the laboratory."""

from django.urls import path

from randomization.unblinded.laboratory import api, web

urlpatterns = [
    path("laboratory/", web.samples, name="samples"),
    path("laboratory/<uuid:uid>/receive/", web.Receive.as_view(), name="sample_receive"),
    path("laboratory/<uuid:uid>/", web.Results.as_view(), name="sample_result"),
    path("laboratory/<uuid:uid>/close/", web.Close.as_view(), name="sample_close"),
]
api_urlpatterns = [
    path("laboratory/samples/", api.Samples.as_view(), name="api_laboratory_samples"),
    path("laboratory/samples/<uuid:uid>/results/", api.Results.as_view(), name="api_laboratory_results"),
]

"""Addresses of the laboratory."""

from django.urls import path

from randomization.unblinded.laboratory import api, web, web_class_cases

urlpatterns = [
    path("laboratory/", web.samples, name="samples"),
    path("class-cases/", web_class_cases.cases, name="class_cases"),
    path("class-cases/<uuid:uid>/", web_class_cases.Decide.as_view(), name="decide_class"),
    path("class-cases/<uuid:uid>/confirm/", web_class_cases.Confirm.as_view(), name="confirm_class"),
    path("laboratory/<uuid:uid>/receive/", web.Receive.as_view(), name="sample_receive"),
    path("laboratory/<uuid:uid>/", web.Results.as_view(), name="sample_result"),
    path("laboratory/<uuid:uid>/withdraw/", web.Withdraw.as_view(), name="sample_withdraw"),
    path("laboratory/<uuid:uid>/close/", web.Close.as_view(), name="sample_close"),
]
api_urlpatterns = [
    path("class-cases/", api.Cases.as_view(), name="api_class_cases"),
    path("class-cases/<uuid:uid>/decision/", api.Decisions.as_view(), name="api_class_decisions"),
    path("laboratory/samples/", api.Samples.as_view(), name="api_laboratory_samples"),
    path("laboratory/samples/<uuid:uid>/results/", api.Results.as_view(), name="api_laboratory_results"),
]

"""Addresses of preparation."""

from django.urls import path

from pharmacy.preparation import api, web

urlpatterns = [
    path("pharmacy/", web.due, name="worklist"),
    path("pharmacy/night-sheet.pdf", web.night_sheet_pdf, name="night_sheet"),
    path("pharmacy/kits/<str:kit_code>/acknowledge/", web.take_over, name="acknowledge"),
    path("pharmacy/doses/<uuid:dose_uid>/prepare/", web.start, name="prepare"),
    path("pharmacy/preparations/<uuid:uid>/", web.One.as_view(), name="preparation"),
    path("pharmacy/preparations/<uuid:uid>/void/", web.Void.as_view(), name="void"),
    path("pharmacy/preparations/<uuid:uid>/labels/", web.Labels.as_view(), name="labels"),
    path("pharmacy/preparations/<uuid:uid>/label.png", web.label_picture, name="label_picture"),
]
api_urlpatterns = [
    path("pharmacy/worklist/", api.Worklist.as_view(), name="api_worklist"),
    path("pharmacy/night-sheet.pdf", api.NightSheet.as_view(), name="api_night_sheet"),
    path("pharmacy/calls/", api.Calls.as_view(), name="api_calls"),
    path("pharmacy/calls/<str:kit_code>/acknowledgement/", api.Acknowledge.as_view(), name="api_acknowledge"),
    path("pharmacy/preparations/", api.Preparations.as_view(), name="api_preparations"),
    path("pharmacy/preparations/<uuid:uid>/", api.OnePreparation.as_view(), name="api_preparation"),
    path("pharmacy/preparations/<uuid:uid>/labels.pdf", api.LabelsPdf.as_view(), name="api_labels"),
    path("pharmacy/preparations/<uuid:uid>/labels.zpl", api.LabelsZpl.as_view(), name="api_labels_zpl"),
]

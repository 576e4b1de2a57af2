"""Addresses of preparation."""

from django.urls import path

from pharmacy.preparation.api import arrangements as api_arrangements
from pharmacy.preparation.api import bench as api_bench
from pharmacy.preparation.api import labels as api_labels
from pharmacy.preparation.web import arrangements, bench, preparation

urlpatterns = [
    path("pharmacy/kits/<str:kit_code>/make/", bench.Make.as_view(), name="make"),
    path("pharmacy/kits/<str:kit_code>/check/", bench.Check.as_view(), name="check"),
    path("pharmacy/kits/<str:kit_code>/release/", bench.Release.as_view(), name="release"),
    path("pharmacy/kits/<str:kit_code>/labels/", preparation.LabelsOfKit.as_view(), name="labels_of_kit"),
    path("pharmacy/checks/", bench.checks, name="checks"),
    path("pharmacy/check-arrangements/", arrangements.Arrangements.as_view(), name="arrangements"),
    path("pharmacy/check-arrangements/<int:arrangement_id>/end/", arrangements.end, name="end_arrangement"),
    path("pharmacy/preparations/<uuid:uid>/", preparation.one, name="preparation"),
    path("pharmacy/preparations/<uuid:uid>/void/", preparation.Void.as_view(), name="void"),
    path("pharmacy/preparations/<uuid:uid>/hand-over/", preparation.HandOver.as_view(), name="hand_over"),
    path("pharmacy/preparations/<uuid:uid>/labels/", preparation.Labels.as_view(), name="labels"),
    path("pharmacy/preparations/<uuid:uid>/label.png", preparation.label_picture, name="label_picture"),
]
api_urlpatterns = [
    path("pharmacy/preparations/", api_bench.Preparations.as_view(), name="api_preparations"),
    path("pharmacy/preparations/making/", api_bench.Making.as_view(), name="api_making"),
    path("pharmacy/preparations/checks/", api_bench.Checks.as_view(), name="api_checks"),
    path("pharmacy/check-arrangements/", api_arrangements.Arrangements.as_view(), name="api_arrangements"),
    path(
        "pharmacy/check-arrangements/<int:arrangement_id>/",
        api_arrangements.OneArrangement.as_view(),
        name="api_arrangement",
    ),
    path("pharmacy/preparations/suggestions/", api_bench.Suggestions.as_view(), name="api_suggestions"),
    path("pharmacy/kits/<str:kit_code>/labels/", api_labels.LabelsOfKit.as_view(), name="api_labels_of_kit"),
    path("pharmacy/preparations/<uuid:uid>/label.png", api_labels.Picture.as_view(), name="api_label_picture"),
    path("pharmacy/preparations/<uuid:uid>/", api_bench.OnePreparation.as_view(), name="api_preparation"),
    path("pharmacy/preparations/<uuid:uid>/labels.pdf", api_labels.LabelsPdf.as_view(), name="api_labels"),
    path("pharmacy/preparations/<uuid:uid>/labels.zpl", api_labels.LabelsZpl.as_view(), name="api_labels_zpl"),
]

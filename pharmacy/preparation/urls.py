"""Addresses of preparation."""

from datetime import date

from django.urls import path, register_converter

from pharmacy.preparation.api import bench as api_bench
from pharmacy.preparation.api import labels as api_labels
from pharmacy.preparation.api import outage as api_outage
from pharmacy.preparation.api import oversight as api_oversight
from pharmacy.preparation.api import worklist as api_worklist
from pharmacy.preparation.web import bench, one, outage, oversight, worklist


class Day:
    """A day in an address, `2026-03-01`."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
    to_python = staticmethod(date.fromisoformat)
    to_url = staticmethod(date.isoformat)


register_converter(Day, "day")
urlpatterns = [
    path("pharmacy/", worklist.due, name="worklist"),
    path("pharmacy/night-sheet.pdf", worklist.night_sheet_pdf, name="night_sheet"),
    path("pharmacy/night-sheets/<day:day>/", worklist.kept_night_sheet, name="kept_night_sheet"),
    path("pharmacy/kits/<str:kit_code>/acknowledge/", worklist.take_over, name="acknowledge"),
    path("pharmacy/doses/<uuid:dose_uid>/prepare/", worklist.start, name="prepare"),
    path("pharmacy/doses/<uuid:dose_uid>/all-the-same/", worklist.AllTheSame.as_view(), name="prepare_all_the_same"),
    path("pharmacy/kits/<str:kit_code>/prepare/", worklist.start_day, name="prepare_day"),
    path("pharmacy/kits/<str:kit_code>/make/", bench.Make.as_view(), name="make"),
    path("pharmacy/kits/<str:kit_code>/check/", bench.Check.as_view(), name="check"),
    path("pharmacy/kits/<str:kit_code>/release/", bench.Release.as_view(), name="release"),
    path("pharmacy/kits/<str:kit_code>/labels/", one.LabelsOfKit.as_view(), name="labels_of_kit"),
    path("pharmacy/envelopes/", outage.EnterPreparation.as_view(), name="enter_preparation"),
    path("pharmacy/checks/", bench.checks, name="checks"),
    path("pharmacy/check-arrangements/", oversight.Arrangements.as_view(), name="arrangements"),
    path("pharmacy/check-arrangements/<int:arrangement_id>/end/", oversight.end, name="end_arrangement"),
    path("pharmacy/risks/", oversight.risks, name="risks"),
    path("pharmacy/risks/<int:risk_id>/seen/", oversight.seen, name="risk_seen"),
    path("pharmacy/preparations/<uuid:uid>/", one.one, name="preparation"),
    path("pharmacy/preparations/<uuid:uid>/void/", one.Void.as_view(), name="void"),
    path("pharmacy/preparations/<uuid:uid>/hand-over/", one.HandOver.as_view(), name="hand_over"),
    path("pharmacy/preparations/<uuid:uid>/labels/", one.Labels.as_view(), name="labels"),
    path("pharmacy/preparations/<uuid:uid>/label.png", one.label_picture, name="label_picture"),
]
api_urlpatterns = [
    path("pharmacy/worklist/", api_worklist.Worklist.as_view(), name="api_worklist"),
    path("pharmacy/night-sheet.pdf", api_worklist.NightSheet.as_view(), name="api_night_sheet"),
    path("pharmacy/night-sheets/<day:day>/", api_worklist.KeptNightSheet.as_view(), name="api_kept_night_sheet"),
    path("pharmacy/calls/", api_worklist.Calls.as_view(), name="api_calls"),
    path("pharmacy/calls/<str:kit_code>/acknowledgement/", api_worklist.Acknowledge.as_view(), name="api_acknowledge"),
    path("pharmacy/preparations/", api_bench.Preparations.as_view(), name="api_preparations"),
    path("pharmacy/preparations/making/", api_bench.Making.as_view(), name="api_making"),
    path("pharmacy/preparations/envelopes/", api_outage.FromEnvelope.as_view(), name="api_enter_preparation"),
    path("pharmacy/preparations/checks/", api_bench.Checks.as_view(), name="api_checks"),
    path("pharmacy/check-arrangements/", api_oversight.Arrangements.as_view(), name="api_arrangements"),
    path(
        "pharmacy/check-arrangements/<int:arrangement_id>/",
        api_oversight.OneArrangement.as_view(),
        name="api_arrangement",
    ),
    path("pharmacy/risks/", api_oversight.Risks.as_view(), name="api_risks"),
    path("pharmacy/risks/counts/", api_oversight.RiskCounts.as_view(), name="api_risk_counts"),
    path("pharmacy/risks/<int:risk_id>/seen/", api_oversight.RiskSeen.as_view(), name="api_risk_seen"),
    path("pharmacy/preparations/suggestions/", api_bench.Suggestions.as_view(), name="api_suggestions"),
    path("pharmacy/kits/<str:kit_code>/labels/", api_labels.LabelsOfKit.as_view(), name="api_labels_of_kit"),
    path("pharmacy/preparations/<uuid:uid>/label.png", api_labels.Picture.as_view(), name="api_label_picture"),
    path("pharmacy/preparations/<uuid:uid>/", api_bench.OnePreparation.as_view(), name="api_preparation"),
    path("pharmacy/preparations/<uuid:uid>/labels.pdf", api_labels.LabelsPdf.as_view(), name="api_labels"),
    path("pharmacy/preparations/<uuid:uid>/labels.zpl", api_labels.LabelsZpl.as_view(), name="api_labels_zpl"),
]

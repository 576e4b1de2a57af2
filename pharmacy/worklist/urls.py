"""Addresses of the worklist."""

from datetime import date

from django.urls import path, register_converter

from pharmacy.worklist.api import due as api_due
from pharmacy.worklist.api import risks as api_risks
from pharmacy.worklist.web import due, risks


class Day:
    """A day in an address, `2026-03-01`."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
    to_python = staticmethod(date.fromisoformat)
    to_url = staticmethod(date.isoformat)


register_converter(Day, "day")
urlpatterns = [
    path("pharmacy/", due.due, name="worklist"),
    path("pharmacy/night-sheet.pdf", due.night_sheet_pdf, name="night_sheet"),
    path("pharmacy/night-sheets/<day:day>/", due.kept_night_sheet, name="kept_night_sheet"),
    path("pharmacy/kits/<str:kit_code>/acknowledge/", due.take_over, name="acknowledge"),
    path("pharmacy/doses/<uuid:dose_uid>/prepare/", due.start, name="prepare"),
    path("pharmacy/doses/<uuid:dose_uid>/all-the-same/", due.AllTheSame.as_view(), name="prepare_all_the_same"),
    path("pharmacy/kits/<str:kit_code>/prepare/", due.start_day, name="prepare_day"),
    path("pharmacy/risks/", risks.risks, name="risks"),
    path("pharmacy/risks/<int:risk_id>/seen/", risks.seen, name="risk_seen"),
]
api_urlpatterns = [
    path("pharmacy/worklist/", api_due.Worklist.as_view(), name="api_worklist"),
    path("pharmacy/night-sheet.pdf", api_due.NightSheet.as_view(), name="api_night_sheet"),
    path("pharmacy/night-sheets/<day:day>/", api_due.KeptNightSheet.as_view(), name="api_kept_night_sheet"),
    path("pharmacy/calls/", api_due.Calls.as_view(), name="api_calls"),
    path("pharmacy/calls/<str:kit_code>/acknowledgement/", api_due.Acknowledge.as_view(), name="api_acknowledge"),
    path("pharmacy/risks/", api_risks.Risks.as_view(), name="api_risks"),
    path("pharmacy/risks/counts/", api_risks.RiskCounts.as_view(), name="api_risk_counts"),
    path("pharmacy/risks/<int:risk_id>/seen/", api_risks.RiskSeen.as_view(), name="api_risk_seen"),
]

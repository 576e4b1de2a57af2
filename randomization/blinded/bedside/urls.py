"""Addresses of the bedside."""

from django.urls import path

from randomization.blinded.bedside.api import correcting as api_correcting
from randomization.blinded.bedside.api import course as api_course
from randomization.blinded.bedside.api import doses as api
from randomization.blinded.bedside.web import correcting, course, doses

urlpatterns = [
    path("bedside/", doses.Administer.as_view(), name="administer"),
    path("bedside/transcribe/", doses.Transcribe.as_view(), name="transcribe"),
    path("bedside/compare/", doses.Compare.as_view(), name="compare_chart"),
    path("participants/<str:number>/doses/", doses.doses, name="doses"),
    path("doses/<uuid:uid>/request/", doses.AskPharmacy.as_view(), name="ask_pharmacy"),
    path("doses/<uuid:uid>/missed/", doses.Miss.as_view(), name="miss"),
    path("doses/<uuid:uid>/correct/", correcting.Correct.as_view(), name="correct_dose"),
    path("participants/<str:number>/clearance/", doses.Clearance.as_view(), name="clearance"),
    path("participants/<str:number>/plan/", course.Plan.as_view(), name="plan_first_dose"),
    path("participants/<str:number>/hold/", course.Hold.as_view(), name="hold"),
    path("participants/<str:number>/resume/", course.Resume.as_view(), name="resume"),
    path("participants/<str:number>/stop/", course.Stop.as_view(), name="stop"),
    path("participants/<str:number>/shift/", course.Shift.as_view(), name="shift"),
    path("deviations/", course.deviations, name="deviations"),
    path("deviations/<int:deviation_id>/", course.Explain.as_view(), name="explain_deviation"),
]
api_urlpatterns = [
    path("participants/<str:number>/creatinine-clearances/", api.Clearances.as_view(), name="api_clearances"),
    path("participants/<str:number>/doses/", api.Doses.as_view(), name="api_doses"),
    path("doses/<uuid:uid>/requests/", api.Requests.as_view(), name="api_requests"),
    path("doses/<uuid:uid>/administration/", api.Administration.as_view(), name="api_administration"),
    path("doses/<uuid:uid>/administration/corrections/", api_correcting.Corrections.as_view(), name="api_corrections"),
    path("participants/<str:number>/course/", api_course.CourseView.as_view(), name="api_course"),
    path("deviations/", api_course.Deviations.as_view(), name="api_deviations"),
    path("deviations/<int:deviation_id>/explanation/", api_course.Explanation.as_view(), name="api_explanation"),
]

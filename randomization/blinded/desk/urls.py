"""Addresses of the trial manager."""

from django.urls import path

from randomization.blinded.desk import api
from randomization.blinded.desk.web import managing, overseeing

urlpatterns = [
    path("people/", managing.Appoint.as_view(), name="blinded_people"),
    path("overview/", overseeing.morning, name="overview"),
    path("overview/recruitment/", overseeing.recruitment, name="recruitment"),
    path("overview/recruitment.csv", overseeing.recruitment_csv, name="recruitment_csv"),
    path("overview/flow/", overseeing.participant_flow, name="flow"),
    path("overview/flow.csv", overseeing.flow_csv, name="flow_csv"),
    path("alerts/", overseeing.alerts, name="alerts"),
    path("alerts/<int:alert_id>/", overseeing.Acknowledge.as_view(), name="acknowledge_alert"),
    path("self-check/", managing.SelfCheck.as_view(), name="self_check"),
    path("people/import/", managing.PeopleFile.as_view(), name="import_people"),
    path("people/review/", managing.Review.as_view(), name="review_access"),
    path("people/<uuid:membership_id>/end/", managing.EndMembership.as_view(), name="end_membership"),
    path("sites/", managing.sites, name="sites"),
    path("sites/<str:code>/", managing.SiteState.as_view(), name="site_state"),
]
api_urlpatterns = [
    path("people/", api.People.as_view(), name="api_people"),
    path("people/<uuid:membership_id>/", api.OneMembership.as_view(), name="api_membership"),
    path("people/import/", api.PeopleImport.as_view(), name="api_import_people"),
    path("people/reviews/", api.Reviews.as_view(), name="api_reviews"),
    path("alerts/", api.Alerts.as_view(), name="api_alerts"),
    path("alerts/<int:alert_id>/acknowledgement/", api.Acknowledgement.as_view(), name="api_acknowledge_alert"),
    path("recruitment/", api.Recruitment.as_view(), name="api_recruitment"),
    path("flow/", api.Flow.as_view(), name="api_flow"),
    path("self-checks/", api.SelfChecks.as_view(), name="api_self_checks"),
    path("sites/", api.Sites.as_view(), name="api_sites"),
    path("sites/<str:code>/state/", api.SiteState.as_view(), name="api_site_state"),
]

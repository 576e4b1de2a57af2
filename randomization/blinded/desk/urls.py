"""Addresses of the trial manager."""

from django.urls import path

from randomization.blinded.desk.api import managing as managing_api
from randomization.blinded.desk.api import overseeing as overseeing_api
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
    path("people/readmit/", managing.RecoverAccount.as_view(), name="readmit"),
    path("people/review/", managing.Review.as_view(), name="review_access"),
    path("people/<uuid:membership_id>/end/", managing.EndMembership.as_view(), name="end_membership"),
    path("sites/", managing.sites, name="sites"),
    path("sites/<str:code>/", managing.SiteState.as_view(), name="site_state"),
]
api_urlpatterns = [
    path("people/", managing_api.People.as_view(), name="api_people"),
    path("people/<uuid:membership_id>/", managing_api.OneMembership.as_view(), name="api_membership"),
    path("people/readmissions/", managing_api.AccountRecoveries.as_view(), name="api_readmissions"),
    path("people/import/", managing_api.PeopleImport.as_view(), name="api_import_people"),
    path("people/reviews/", managing_api.Reviews.as_view(), name="api_reviews"),
    path("alerts/", overseeing_api.Alerts.as_view(), name="api_alerts"),
    path(
        "alerts/<int:alert_id>/acknowledgement/", overseeing_api.Acknowledgement.as_view(), name="api_acknowledge_alert"
    ),
    path("recruitment/", overseeing_api.Recruitment.as_view(), name="api_recruitment"),
    path("flow/", overseeing_api.Flow.as_view(), name="api_flow"),
    path("self-checks/", managing_api.SelfChecks.as_view(), name="api_self_checks"),
    path("sites/", managing_api.Sites.as_view(), name="api_sites"),
    path("sites/<str:code>/state/", managing_api.SiteState.as_view(), name="api_site_state"),
]

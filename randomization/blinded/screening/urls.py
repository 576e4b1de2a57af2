"""Addresses of screening."""

from django.urls import path

from randomization.blinded.screening.api import file as api
from randomization.blinded.screening.api import samples as sampled
from randomization.blinded.screening.web import file as web
from randomization.blinded.screening.web import samples

urlpatterns = [
    path("participants/new/", web.Register.as_view(), name="register"),
    path("participants/<str:number>/sepsis/", web.CorrectSepsis.as_view(), name="correct_sepsis"),
    path("participants/<str:number>/consent/", web.Consent.as_view(), name="consent"),
    path("participants/<str:number>/later-consent/", web.LaterConsent.as_view(), name="later_consent"),
    path("participants/<str:number>/eligibility/", web.Eligibility.as_view(), name="eligibility"),
    path("participants/<str:number>/eligibility/draft/", web.draft, name="eligibility_draft"),
    path("participants/<str:number>/identity/", web.Identity.as_view(), name="identity"),
    path("participants/<str:number>/sample/", samples.Draw.as_view(), name="sample"),
    path("participants/<str:number>/sample/further/", samples.DrawFurther.as_view(), name="further_sample"),
    path("participants/<str:number>/sample/unusable/", samples.Discard.as_view(), name="discard_sample"),
    path("participants/<str:number>/covid19/", samples.CorrectCovid19Page.as_view(), name="correct_covid19"),
    path("participants/<str:number>/sample/ship/", samples.Ship.as_view(), name="ship_sample"),
    path("participants/<str:number>/sample/correct/", samples.CorrectSample.as_view(), name="correct_sample"),
    path("participants/<str:number>/confirm/", web.Confirm.as_view(), name="confirm"),
]
api_urlpatterns = [
    path("participants/", api.Participants.as_view(), name="api_participants"),
    path("participants/<str:number>/", api.OneParticipant.as_view(), name="api_participant"),
    path("participants/<str:number>/sepsis/", api.Sepsis.as_view(), name="api_sepsis"),
    path("participants/<str:number>/consent/", api.Consent.as_view(), name="api_consent"),
    path("participants/<str:number>/later-consent/", api.LaterConsent.as_view(), name="api_later_consent"),
    path("participants/<str:number>/eligibility/", api.Eligibility.as_view(), name="api_eligibility"),
    path("participants/<str:number>/eligibility/confirmation/", api.Confirmation.as_view(), name="api_confirmation"),
    path("participants/<str:number>/identity/", api.Identity.as_view(), name="api_identity"),
    path("participants/<str:number>/samples/", sampled.Samples.as_view(), name="api_samples"),
    path("participants/<str:number>/samples/further/", sampled.FurtherSample.as_view(), name="api_further_sample"),
    path("participants/<str:number>/samples/unusable/", sampled.UnusableSample.as_view(), name="api_discard_sample"),
    path("participants/<str:number>/covid19/", sampled.Covid19.as_view(), name="api_covid19"),
]

"""Addresses of appointments."""

from django.urls import path

from randomization.unblinded.people import api, web

urlpatterns = [
    path("people/", web.Propose.as_view(), name="people"),
    path("people/readmit/", web.Readmit.as_view(), name="readmit"),
    path("people/readmit/<uuid:readmission_id>/confirm/", web.confirm_readmission, name="confirm_readmission"),
    path("people/readmit/<uuid:readmission_id>/refuse/", web.refuse_readmission, name="refuse_readmission"),
    path("people/<uuid:membership_id>/end/", web.EndMembership.as_view(), name="end_unblinded"),
    path("people/<uuid:proposal_id>/confirm/", web.confirm_proposal, name="confirm_proposal"),
    path("people/<uuid:proposal_id>/refuse/", web.refuse_proposal, name="refuse_proposal"),
]
api_urlpatterns = [
    path("people/", api.People.as_view(), name="api_unblinded_people"),
    path("people/<uuid:membership_id>/", api.OneMembership.as_view(), name="api_end_unblinded"),
    path("people/readmissions/", api.Readmissions.as_view(), name="api_readmissions"),
    path("people/readmissions/<uuid:readmission_id>/", api.OneReadmission.as_view(), name="api_refuse_readmission"),
    path(
        "people/readmissions/<uuid:readmission_id>/confirmation/",
        api.ReadmissionConfirmation.as_view(),
        name="api_confirm_readmission",
    ),
    path("people/proposals/", api.Proposals.as_view(), name="api_proposals"),
    path("people/proposals/<uuid:proposal_id>/", api.OneProposal.as_view(), name="api_refuse_proposal"),
    path("people/proposals/<uuid:proposal_id>/confirmation/", api.Confirmation.as_view(), name="api_confirm_proposal"),
]

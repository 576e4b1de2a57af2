"""Addresses of appointments."""

from django.urls import path

from randomization.unblinded.people import api, web

urlpatterns = [
    path("people/", web.Propose.as_view(), name="people"),
    path("people/readmit/", web.RecoverAccount.as_view(), name="readmit"),
    path("people/readmit/<uuid:recovery_id>/confirm/", web.confirm_recovery, name="confirm_readmission"),
    path("people/readmit/<uuid:recovery_id>/refuse/", web.refuse_recovery, name="refuse_readmission"),
    path("people/<uuid:membership_id>/end/", web.EndMembership.as_view(), name="end_unblinded"),
    path("people/<uuid:proposal_id>/confirm/", web.confirm_proposal, name="confirm_proposal"),
    path("people/<uuid:proposal_id>/refuse/", web.refuse_proposal, name="refuse_proposal"),
]
api_urlpatterns = [
    path("people/", api.People.as_view(), name="api_unblinded_people"),
    path("people/<uuid:membership_id>/", api.OneMembership.as_view(), name="api_end_unblinded"),
    path("people/readmissions/", api.AccountRecoveries.as_view(), name="api_readmissions"),
    path("people/readmissions/<uuid:recovery_id>/", api.OneAccountRecovery.as_view(), name="api_refuse_readmission"),
    path(
        "people/readmissions/<uuid:recovery_id>/confirmation/",
        api.AccountRecoveryConfirmation.as_view(),
        name="api_confirm_readmission",
    ),
    path("people/proposals/", api.Proposals.as_view(), name="api_proposals"),
    path("people/proposals/<uuid:proposal_id>/", api.OneProposal.as_view(), name="api_refuse_proposal"),
    path("people/proposals/<uuid:proposal_id>/confirmation/", api.Confirmation.as_view(), name="api_confirm_proposal"),
]

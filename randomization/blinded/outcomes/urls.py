"""Addresses of outcomes."""

from django.urls import path

from randomization.blinded.outcomes import api
from randomization.blinded.outcomes.web import handover, scores, transfer, withdrawal

urlpatterns = [
    path("bedside/handover/", handover.HandOver.as_view(), name="hand_over_duty"),
    path("participants/<str:number>/transfer/", transfer.Transfer.as_view(), name="transfer"),
    path("participants/<str:number>/withdraw/", withdrawal.Withdraw.as_view(), name="withdraw"),
    path("participants/<str:number>/sofa/", scores.Sofa.as_view(), name="sofa"),
    path("participants/<str:number>/milestone/", scores.MilestonePage.as_view(), name="milestone"),
    path("sofa/import/", scores.SofaFile.as_view(), name="sofa_file"),
]
api_urlpatterns = [
    path("participants/<str:number>/transfers/", api.Transfers.as_view(), name="api_transfers"),
    path("participants/<str:number>/withdrawals/", api.Withdrawals.as_view(), name="api_withdrawals"),
    path("participants/<str:number>/sofa/", api.SofaDays.as_view(), name="api_sofa"),
    path("participants/<str:number>/milestones/", api.Milestones.as_view(), name="api_milestones"),
]

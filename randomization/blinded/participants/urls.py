"""Addresses of participants."""

from django.urls import path

from randomization.blinded.participants import api, web

urlpatterns = [
    path("participants/", web.participants, name="participants"),
    path("participants/<str:number>/", web.one_participant, name="participant"),
]
api_urlpatterns = [
    path("board/", api.Board.as_view(), name="api_board"),
    path("participants/<str:number>/next-step/", api.NextStep.as_view(), name="api_next_step"),
]

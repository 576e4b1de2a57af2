"""Addresses of the bedside."""

from django.urls import path

from randomization.blinded.bedside import api, web

urlpatterns = [
    path("bedside/", web.Administer.as_view(), name="administer"),
    path("participants/<str:number>/doses/", web.doses, name="doses"),
    path("doses/<uuid:uid>/request/", web.AskPharmacy.as_view(), name="ask_pharmacy"),
    path("participants/<str:number>/clearance/", web.Clearance.as_view(), name="clearance"),
]
api_urlpatterns = [
    path("participants/<str:number>/creatinine-clearances/", api.Clearances.as_view(), name="api_clearances"),
    path("participants/<str:number>/doses/", api.Doses.as_view(), name="api_doses"),
    path("doses/<uuid:uid>/requests/", api.Requests.as_view(), name="api_requests"),
    path("doses/<uuid:uid>/administration/", api.Administration.as_view(), name="api_administration"),
]

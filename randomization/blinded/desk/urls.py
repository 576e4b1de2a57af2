"""Addresses of the trial manager."""

from django.urls import path

from randomization.blinded.desk import api, web

urlpatterns = [
    path("people/", web.Appoint.as_view(), name="blinded_people"),
    path("people/<uuid:membership_id>/end/", web.EndMembership.as_view(), name="end_membership"),
    path("sites/", web.sites, name="sites"),
    path("sites/<str:code>/", web.SiteState.as_view(), name="site_state"),
]
api_urlpatterns = [
    path("people/", api.People.as_view(), name="api_people"),
    path("people/<uuid:membership_id>/", api.OneMembership.as_view(), name="api_membership"),
    path("sites/", api.Sites.as_view(), name="api_sites"),
    path("sites/<str:code>/state/", api.SiteState.as_view(), name="api_site_state"),
]

"""Addresses of the blinded side."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from immunosep_site.health import health, web_health
from immunosep_site.home import home
from randomization.blinded.allocation import urls as allocation
from randomization.blinded.bedside import urls as bedside
from randomization.blinded.desk import urls as desk
from randomization.blinded.inbox import urls as inbox
from randomization.blinded.outcomes import urls as outcomes
from randomization.blinded.participants import urls as participants
from randomization.blinded.screening import urls as screening
from randomization.delivery import urls as accounts

api = [
    *accounts.api_urlpatterns,
    *screening.api_urlpatterns,
    *participants.api_urlpatterns,
    *outcomes.api_urlpatterns,
    *allocation.api_urlpatterns,
    *bedside.api_urlpatterns,
    *desk.api_urlpatterns,
    *inbox.api_urlpatterns,
    path("health/", health, name="health"),
    path("health/web/", web_health, name="web_health"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
]
handler404 = "immunosep_site.problems.nothing_here"
urlpatterns = [
    path("", home, name="home"),
    *accounts.urlpatterns,
    *accounts.tablet_urlpatterns,
    *screening.urlpatterns,
    *bedside.urlpatterns,
    *participants.urlpatterns,
    *outcomes.urlpatterns,
    *allocation.urlpatterns,
    *desk.urlpatterns,
    *inbox.urlpatterns,
    path("desk/", admin.site.urls),
    path("api/v1/", include(api)),
]

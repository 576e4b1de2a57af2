"""Addresses of the unblinded side; no page of the blinded one is mounted here."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from immunosep_site.health import health, web_health
from immunosep_site.home import home
from pharmacy.accountability import urls as accountability
from pharmacy.outage import urls as outage
from pharmacy.preparation import urls as preparation
from pharmacy.stock import urls as stock
from pharmacy.worklist import urls as worklist
from randomization.delivery import urls as accounts
from randomization.unblinded.codebreak import urls as codebreak
from randomization.unblinded.laboratory import urls as laboratory
from randomization.unblinded.lists import urls as lists
from randomization.unblinded.people import urls as people

api = [
    *accounts.api_urlpatterns,
    *laboratory.api_urlpatterns,
    *lists.api_urlpatterns,
    *codebreak.api_urlpatterns,
    *people.api_urlpatterns,
    *stock.api_urlpatterns,
    *worklist.api_urlpatterns,
    *preparation.api_urlpatterns,
    *outage.api_urlpatterns,
    *accountability.api_urlpatterns,
    path("health/", health, name="health"),
    path("health/web/", web_health, name="web_health"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
]
handler404 = "immunosep_site.problems.nothing_here"
urlpatterns = [
    path("", home, name="home"),
    *accounts.urlpatterns,
    *laboratory.urlpatterns,
    *lists.urlpatterns,
    *people.urlpatterns,
    *codebreak.urlpatterns,
    *stock.urlpatterns,
    *worklist.urlpatterns,
    *preparation.urlpatterns,
    *outage.urlpatterns,
    *accountability.urlpatterns,
    path("api/v1/", include(api)),
]

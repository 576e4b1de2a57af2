"""Addresses of allocation."""

from django.urls import path

from randomization.blinded.allocation import api, web

urlpatterns = [
    path("participants/<str:number>/randomise/", web.Randomise.as_view(), name="randomise"),
    path("participants/<str:number>/envelope/", web.EnterEnvelopePage.as_view(), name="envelope"),
    path("participants/<str:number>/wrong/", web.NoteMisallocationPage.as_view(), name="misallocation"),
    path("participants/<str:number>/card.pdf", web.card, name="card"),
]
api_urlpatterns = [
    path("participants/<str:number>/allocation/", api.Allocation.as_view(), name="api_allocation"),
    path("participants/<str:number>/envelope/", api.Envelope.as_view(), name="api_envelope"),
    path("participants/<str:number>/misallocations/", api.Misallocations.as_view(), name="api_misallocations"),
    path("participants/<str:number>/card.pdf", api.Card.as_view(), name="api_card"),
]

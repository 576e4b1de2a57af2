"""Addresses of lists."""

from django.urls import path

from randomization.unblinded.lists import api, web

urlpatterns = [path("lists/", web.lists, name="lists")]
api_urlpatterns = [path("lists/", api.Lists.as_view(), name="api_lists")]

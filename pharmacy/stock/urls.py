"""Addresses of stock."""

from django.urls import path

from pharmacy.stock import api, web

urlpatterns = [path("pharmacy/supply/", web.Supply.as_view(), name="supply")]
api_urlpatterns = [path("pharmacy/stock/", api.Stock.as_view(), name="api_stock")]

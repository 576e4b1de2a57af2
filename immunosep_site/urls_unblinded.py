"""Addresses of the unblinded side."""

from django.urls import path

urlpatterns: list[object] = []

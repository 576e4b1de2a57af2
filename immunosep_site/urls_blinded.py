"""Addresses of the blinded side."""

from django.urls import path

urlpatterns: list[object] = []

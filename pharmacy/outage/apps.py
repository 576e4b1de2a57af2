"""Django's entry for the outage; it has no tables of its own."""

from django.apps import AppConfig


class OutageConfig(AppConfig):
    name = "pharmacy.outage"
    label = "outage"

"""Django's entry for the demonstration."""

from django.apps import AppConfig


class DemonstrationConfig(AppConfig):
    name = "immunosep_site.demonstration"
    label = "demonstration"

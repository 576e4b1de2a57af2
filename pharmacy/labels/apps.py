"""Django's entry for this room."""

from django.apps import AppConfig


class LabelsConfig(AppConfig):
    name = "pharmacy.labels"
    label = "labels"
    default_auto_field = "django.db.models.BigAutoField"

"""Django's entry for this room."""

from django.apps import AppConfig


class PreparationConfig(AppConfig):
    name = "pharmacy.preparation"
    label = "preparation"
    default_auto_field = "django.db.models.BigAutoField"

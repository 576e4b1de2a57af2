"""Django's entry for this room."""

from django.apps import AppConfig


class LaboratoryConfig(AppConfig):
    name = "randomization.unblinded.laboratory"
    label = "laboratory"
    default_auto_field = "django.db.models.BigAutoField"

"""Django's entry for this room."""

from django.apps import AppConfig


class AllocationConfig(AppConfig):
    name = "randomization.blinded.allocation"
    label = "allocation"
    default_auto_field = "django.db.models.BigAutoField"

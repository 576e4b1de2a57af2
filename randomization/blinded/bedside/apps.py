"""Django's entry for this room."""

from django.apps import AppConfig


class BedsideConfig(AppConfig):
    name = "randomization.blinded.bedside"
    label = "bedside"
    default_auto_field = "django.db.models.BigAutoField"

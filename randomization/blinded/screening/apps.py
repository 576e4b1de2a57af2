"""Django's entry for this room."""

from django.apps import AppConfig


class ScreeningConfig(AppConfig):
    name = "randomization.blinded.screening"
    label = "screening"
    default_auto_field = "django.db.models.BigAutoField"

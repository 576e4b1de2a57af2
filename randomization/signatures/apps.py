"""Django's entry for signatures."""

from django.apps import AppConfig


class SignaturesConfig(AppConfig):
    name = "randomization.signatures"
    label = "signatures"
    default_auto_field = "django.db.models.BigAutoField"

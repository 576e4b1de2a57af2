"""Django's entry for outcomes."""

from django.apps import AppConfig


class OutcomesConfig(AppConfig):
    name = "randomization.blinded.outcomes"
    label = "outcomes"
    default_auto_field = "django.db.models.BigAutoField"

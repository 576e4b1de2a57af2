"""Django's entry for this room."""

from django.apps import AppConfig


class CodebreakConfig(AppConfig):
    name = "randomization.unblinded.codebreak"
    label = "codebreak"
    default_auto_field = "django.db.models.BigAutoField"

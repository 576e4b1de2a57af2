"""Django's entry for the hatch; its tables lie in the blinded database."""

from django.apps import AppConfig


class HatchConfig(AppConfig):
    name = "randomization.hatch"
    label = "hatch"
    default_auto_field = "django.db.models.BigAutoField"

"""Django's entry for this room."""

from django.apps import AppConfig


class AccountabilityConfig(AppConfig):
    name = "pharmacy.accountability"
    label = "accountability"
    default_auto_field = "django.db.models.BigAutoField"

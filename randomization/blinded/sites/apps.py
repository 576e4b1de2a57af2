"""Django's entry for this room."""

from django.apps import AppConfig


class SitesConfig(AppConfig):
    name = "randomization.blinded.sites"
    label = "sites"
    default_auto_field = "django.db.models.BigAutoField"

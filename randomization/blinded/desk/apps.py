"""Django's entry for this room."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "randomization.blinded.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"

"""Django's entry for this room."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "randomization.notices"
    label = "notices"
    default_auto_field = "django.db.models.BigAutoField"

"""Django's entry for this room."""

from django.apps import AppConfig


class InboxConfig(AppConfig):
    name = "randomization.blinded.inbox"
    label = "inbox"
    default_auto_field = "django.db.models.BigAutoField"

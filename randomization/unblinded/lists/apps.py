"""Django's entry for this room."""

from django.apps import AppConfig


class ListsConfig(AppConfig):
    name = "randomization.unblinded.lists"
    label = "lists"
    default_auto_field = "django.db.models.BigAutoField"

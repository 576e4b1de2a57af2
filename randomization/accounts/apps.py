"""Django's entry for accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "randomization.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

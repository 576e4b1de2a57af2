"""Django's entry for this room."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "randomization.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from randomization.accounts import schema  # noqa: F401
        from randomization.accounts.middleware import note_log_in

        user_logged_in.connect(note_log_in, dispatch_uid="accounts.note_log_in")

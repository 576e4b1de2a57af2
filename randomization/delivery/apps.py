"""Django's entry for pages and API."""

from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    name = "randomization.delivery"
    label = "delivery"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from randomization.delivery import schema  # noqa: F401
        from randomization.delivery.middleware import note_log_in

        user_logged_in.connect(note_log_in, dispatch_uid="delivery.note_log_in")

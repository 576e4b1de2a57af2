"""Django's entry for this room."""

from django.apps import AppConfig


class AccountabilityConfig(AppConfig):
    name = "pharmacy.accountability"
    label = "accountability"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """The stock below asks here what came back and waits for its destruction."""
        from pharmacy.accountability.returned import Answers
        from pharmacy.stock.returned import register

        register(Answers())

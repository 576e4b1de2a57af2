"""Django's entry for this room."""

from django.apps import AppConfig


class PreparationConfig(AppConfig):
    name = "pharmacy.preparation"
    label = "preparation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """What no longer holds is voided before messages are carried down."""
        from pharmacy.preparation.services.void_outdated import sweep
        from randomization.blinded.inbox.hatch import before_carrying

        before_carrying(sweep)

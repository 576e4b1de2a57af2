"""Django's entry for this room."""

from django.apps import AppConfig


class PreparationConfig(AppConfig):
    name = "pharmacy.preparation"
    label = "preparation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Each time before messages are carried down: what no longer holds is voided, who is on duty is called."""
        from pharmacy.preparation.sweeps import sweep
        from randomization.blinded.inbox.hatch import before_carrying

        before_carrying(sweep)

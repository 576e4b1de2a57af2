"""Django's entry for the worklist."""

from django.apps import AppConfig


class WorklistConfig(AppConfig):
    name = "pharmacy.worklist"
    label = "worklist"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Each time before messages are carried down: who is on duty is called."""
        from pharmacy.worklist.sweeps import call_who_is_on_duty
        from randomization.hatch.send import before_carrying

        before_carrying(call_who_is_on_duty)

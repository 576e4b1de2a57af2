"""Django's entry for this room."""

from django.apps import AppConfig


class LaboratoryConfig(AppConfig):
    name = "randomization.unblinded.laboratory"
    label = "laboratory"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Each time before messages are carried down, verdicts over a corrected answer are reached again."""
        from randomization.hatch.send import before_carrying
        from randomization.unblinded.laboratory.sweeps import sweep

        before_carrying(sweep)

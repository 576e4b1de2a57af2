"""Django's entry for this room."""

from django.apps import AppConfig


class WitnessConfig(AppConfig):
    name = "randomization.unblinded.witness"
    label = "witness"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Each time before messages are carried down: is it still the same blinded side?"""
        from randomization.hatch.send import before_carrying
        from randomization.unblinded.witness.sweeps import sweep

        before_carrying(sweep)

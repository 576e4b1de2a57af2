"""Django's entry for this room."""

from django.apps import AppConfig


class CodebreakConfig(AppConfig):
    name = "randomization.unblinded.codebreak"
    label = "codebreak"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Each time before messages are carried down, the copy for a night without the other side is renewed."""
        from randomization.hatch.send import before_carrying
        from randomization.unblinded.codebreak.sweeps import sweep

        before_carrying(sweep)

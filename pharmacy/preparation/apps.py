"""Django's entry for this room."""

from django.apps import AppConfig


class PreparationConfig(AppConfig):
    name = "pharmacy.preparation"
    label = "preparation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Each time before messages are carried down: what no longer holds is voided, who is on duty is called.

        The stock and the laboratory below ask here what is prepared_classes.
        """
        from pharmacy.preparation.struck import Answers
        from pharmacy.preparation.sweeps import sweep
        from pharmacy.stock.asked_of_preparation import register
        from randomization.hatch.send import before_carrying
        from randomization.unblinded.laboratory import prepared_classes

        before_carrying(sweep)
        register(Answers())
        prepared_classes.register(Answers())

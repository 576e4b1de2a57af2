"""Django's entry for this room; it has no tables of its own."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "randomization.unblinded.people"
    label = "people"

    def ready(self) -> None:
        """Each time before messages are carried down: who is no investigator below any more breaks no codes."""
        from randomization.blinded.inbox.hatch import before_carrying
        from randomization.unblinded.people.sweeps import sweep

        before_carrying(sweep)

"""Django's entry for this room; it has no tables of its own."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "randomization.unblinded.people"
    label = "people"

    def ready(self) -> None:
        """Each account that is made here is reserved below; before messages are carried down, the sweep."""
        from randomization.accounts.services.appoint import on_new_account
        from randomization.hatch.send import before_carrying
        from randomization.unblinded.people.services.reserve_below import reserve
        from randomization.unblinded.people.sweeps import sweep

        on_new_account(reserve)
        before_carrying(sweep)

"""Django's entry for this room; it has no tables of its own."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "randomization.unblinded.people"
    label = "people"

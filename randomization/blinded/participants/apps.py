"""Django's entry for participants; it has no tables of its own."""

from django.apps import AppConfig


class ParticipantsConfig(AppConfig):
    name = "randomization.blinded.participants"
    label = "participants"

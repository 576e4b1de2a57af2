"""Django's entry for this room."""

from django.apps import AppConfig


class BedsideConfig(AppConfig):
    name = "randomization.blinded.bedside"
    label = "bedside"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """The sites below ask here which syringes on the ward another version of the protocol makes void."""
        from randomization.blinded.bedside.void_by_version import voided_by_version
        from randomization.blinded.sites.syringes_on_the_ward import register

        register(voided_by_version)

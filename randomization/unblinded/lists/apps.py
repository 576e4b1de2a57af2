"""Django's entry for this room."""

from django.apps import AppConfig


class ListsConfig(AppConfig):
    name = "randomization.unblinded.lists"
    label = "lists"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Messages through the hatch are signed with the key that this room keeps."""
        from randomization.hatch.send import sign_with
        from randomization.unblinded.lists.hatch_key import read_signer

        sign_with(read_signer)

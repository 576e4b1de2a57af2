"""The admin panel: Django's admin with the trial manager's desk as its one site."""

from django.contrib.admin.apps import SimpleAdminConfig


class PanelConfig(SimpleAdminConfig):
    """No autodiscovery: only what the desk registers is shown."""

    default_site = "randomization.blinded.desk.panel.Desk"

    def ready(self) -> None:
        super().ready()
        from randomization.blinded.desk import admin  # noqa: F401

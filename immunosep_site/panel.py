"""The admin panel's site, themed as the rest and reading only."""

from django.contrib.admin.apps import AdminConfig


class PanelConfig(AdminConfig):
    """Django's admin with the trial manager's desk as its site."""

    default_site = "randomization.blinded.desk.panel.Desk"

"""Django's entry for this room."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    name = "randomization.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from randomization.audit.triggers import install_after_migrate

        post_migrate.connect(install_after_migrate, sender=self, dispatch_uid="audit.triggers")

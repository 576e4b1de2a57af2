"""Background work of one side: the sweeps that make every delay end by itself. All settings are Django's."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault(
    "DJANGO_SETTINGS_MODULE", f"immunosep_site.settings.{os.environ.get('IMMUNOSEP_SIDE', 'blinded')}"
)

app = Celery("immunosep")
app.set_default()  # in threads too: else they would look for a broker of their own
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

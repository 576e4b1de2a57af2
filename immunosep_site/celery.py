"""Background work of one side: the sweeps that make every delay end by itself. All settings are Django's."""

from __future__ import annotations

from celery import Celery

from immunosep_site.settings.side import choose_settings

choose_settings()

app = Celery("immunosep")
app.set_default()  # in threads too: else they would look for a broker of their own
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

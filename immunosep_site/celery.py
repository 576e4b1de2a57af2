"""Background work of one side: the sweeps that make every delay end by itself."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault(
    "DJANGO_SETTINGS_MODULE", f"immunosep_site.settings.{os.environ.get('IMMUNOSEP_SIDE', 'blinded')}"
)

app = Celery("immunosep")
app.conf.update(
    broker_url=os.environ.get("REDIS_URL", ""),
    task_ignore_result=True,
    broker_transport_options={"socket_connect_timeout": 1, "max_retries": 1},
    broker_connection_retry_on_startup=True,
    task_default_queue=os.environ.get("IMMUNOSEP_SIDE", "blinded"),
    beat_schedule=(
        {
            "carry-down": {"task": "inbox.carry_down", "schedule": 15.0},
            "night-sheets": {"task": "preparation.keep_night_sheets", "schedule": 300.0},
            "mail": {"task": "notices.mail", "schedule": 30.0},
            "checkpoints": {"task": "lists.take_checkpoints", "schedule": 3600.0},
        }
        if os.environ.get("IMMUNOSEP_SIDE") == "unblinded"
        else {
            "apply": {"task": "inbox.apply", "schedule": 5.0},
            "watch": {"task": "desk.watch", "schedule": 60.0},
            "mail": {"task": "notices.mail", "schedule": 30.0},
        }
    ),
)
app.autodiscover_tasks()

"""The unblinded side: its own database as `default`, and the blinded one to read, and to write one table of."""

from __future__ import annotations

from immunosep_site.settings import read
from immunosep_site.settings.base import *  # noqa: F403
from immunosep_site.settings.base import (
    BEFORE_ACTIVITY,
    BLINDED_APPS,
    BROKER_OPTIONS,
    DEMONSTRATION,
    EMBEDDED,
    MIDDLEWARE,
    PLATFORM_APPS,
    UNBLINDED_APPS,
    VAR,
)

SIDE = "unblinded"
if EMBEDDED:
    MIDDLEWARE.insert(BEFORE_ACTIVITY, "randomization.hatch.middleware.CarryDownFirst")
ROOT_URLCONF = "immunosep_site.urls_unblinded"
WSGI_APPLICATION = "immunosep_site.wsgi.application"
INSTALLED_APPS = ["immunosep_site", *PLATFORM_APPS, *BLINDED_APPS, *UNBLINDED_APPS]
if DEMONSTRATION:
    INSTALLED_APPS.append("immunosep_site.demonstration")
DATABASES = {
    "default": read.database(
        read.text("DATABASE_URL", f"sqlite:////{VAR}/unblinded.sqlite3" if EMBEDDED else None), name="DATABASE_URL"
    ),
    "blinded": read.database(
        read.text("BLINDED_DATABASE_URL", f"sqlite:////{VAR}/blinded.sqlite3" if EMBEDDED else None),
        name="BLINDED_DATABASE_URL",
    ),
}
SECRET_KEY = read.text("SECRET_KEY", "demonstration-unblinded-" + "0" * 32 if EMBEDDED else None)
ALLOWED_HOSTS = read.text("ALLOWED_HOSTS", "127.0.0.1,testserver" if EMBEDDED else None).split(",")
SESSION_COOKIE_NAME = "unblinded_session"
CSRF_COOKIE_NAME = "unblinded_csrf"
CHECKPOINT_DIRECTORY = read.text("CHECKPOINT_DIRECTORY", f"{VAR}/checkpoints" if EMBEDDED else None)
KEY_DIRECTORY = read.text("KEY_DIRECTORY", f"{VAR}/keys" if EMBEDDED else None)

CELERY_TASK_DEFAULT_QUEUE = SIDE
CELERY_BROKER_TRANSPORT_OPTIONS = {**BROKER_OPTIONS, "global_keyprefix": f"{SIDE}:"}
CELERY_BEAT_SCHEDULE = {
    "carry-down": {"task": "hatch.carry_down", "schedule": 15.0},
    "night-sheets": {"task": "worklist.keep_night_sheets", "schedule": 300.0},
    "mail": {"task": "notices.mail", "schedule": 30.0},
    "checkpoints": {"task": "lists.take_checkpoints", "schedule": 3600.0},
}
HATCH_PUBLIC_KEY_FILE = f"{KEY_DIRECTORY}/hatch.pub"

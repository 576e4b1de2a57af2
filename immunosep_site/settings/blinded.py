"""The blinded side: its own database, no address, credential or key of the other."""

from __future__ import annotations

from immunosep_site.settings import read
from immunosep_site.settings.base import *  # noqa: F403
from immunosep_site.settings.base import (
    BEFORE_ACTIVITY,
    BLINDED_APPS,
    BROKER_OPTIONS,
    EMBEDDED,
    MIDDLEWARE,
    PLATFORM_APPS,
    VAR,
)

SIDE = "blinded"
if EMBEDDED:
    MIDDLEWARE.insert(BEFORE_ACTIVITY, "randomization.blinded.inbox.middleware.ApplyFirst")
ROOT_URLCONF = "immunosep_site.urls_blinded"
WSGI_APPLICATION = "immunosep_site.wsgi.application"
INSTALLED_APPS = [
    "immunosep_site",
    "immunosep_site.panel.PanelConfig",
    *PLATFORM_APPS,
    *BLINDED_APPS,
]
DATABASES = {
    "default": read.database(
        read.text("DATABASE_URL", f"sqlite:////{VAR}/blinded.sqlite3" if EMBEDDED else None), name="DATABASE_URL"
    )
}
SECRET_KEY = read.text("SECRET_KEY", "demonstration-blinded-" + "0" * 32 if EMBEDDED else None)
ALLOWED_HOSTS = read.text("ALLOWED_HOSTS", "localhost,testserver" if EMBEDDED else None).split(",")
CODE_BREAK_ADDRESS = read.text("CODE_BREAK_ADDRESS", "http://127.0.0.1:8001/code-break/" if EMBEDDED else "")
SESSION_COOKIE_NAME = "blinded_session"
CSRF_COOKIE_NAME = "blinded_csrf"

CELERY_TASK_DEFAULT_QUEUE = SIDE
CELERY_BROKER_TRANSPORT_OPTIONS = {**BROKER_OPTIONS, "global_keyprefix": f"{SIDE}:"}
CELERY_BEAT_SCHEDULE = {
    "apply": {"task": "inbox.apply", "schedule": 5.0},
    "watch": {"task": "desk.watch", "schedule": 60.0},
    "mail": {"task": "notices.mail", "schedule": 30.0},
}
HATCH_PUBLIC_KEY_FILE = read.path("HATCH_PUBLIC_KEY_FILE", f"{VAR}/keys/hatch.pub" if EMBEDDED else None)

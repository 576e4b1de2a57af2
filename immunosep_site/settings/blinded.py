"""The blinded side: its own database, no address, credential or key of the other."""

from __future__ import annotations

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
from immunosep_site.settings.read import variables

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
    "default": variables.database(
        "DATABASE_URL", embedded=f"sqlite:///{VAR}/blinded.sqlite3", help="The blinded database, as its running role."
    )
}
SECRET_KEY = variables.text(
    "SECRET_KEY", embedded="demonstration-blinded-" + "0" * 32, help="The side's own, at least 50 characters."
)
ALLOWED_HOSTS = variables.words(
    "ALLOWED_HOSTS", embedded=["localhost", "testserver"], help="The names under which the side is reached."
)
CODE_BREAK_ADDRESS = variables.text(
    "CODE_BREAK_ADDRESS",
    default="http://127.0.0.1:8001/code-break/" if EMBEDDED else "",
    help="Where investigators break a code, as they see it: a link, no credential.",
)
SESSION_COOKIE_NAME = "blinded_session"
CSRF_COOKIE_NAME = "blinded_csrf"

CELERY_TASK_DEFAULT_QUEUE = SIDE
CELERY_BROKER_TRANSPORT_OPTIONS = {**BROKER_OPTIONS, "global_keyprefix": f"{SIDE}:"}
CELERY_BEAT_SCHEDULE = {
    "apply": {"task": "inbox.apply", "schedule": 5.0},
    "watch": {"task": "desk.watch", "schedule": 60.0},
    "mail": {"task": "notices.mail", "schedule": 30.0},
}
HATCH_PUBLIC_KEY_FILE = variables.file(
    "HATCH_PUBLIC_KEY_FILE",
    embedded=f"{VAR}/keys/hatch.pub",
    help="A copy of `hatch.pub`, in a folder without private keys.",
)
variables.stop_at_faults()

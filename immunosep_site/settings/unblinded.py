"""The unblinded side: its own database as `default`, and the blinded one to read, and to write one table of."""

from __future__ import annotations

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
from immunosep_site.settings.read import variables

SIDE = "unblinded"
if EMBEDDED:
    MIDDLEWARE.insert(BEFORE_ACTIVITY, "randomization.hatch.middleware.CarryDownFirst")
ROOT_URLCONF = "immunosep_site.urls_unblinded"
WSGI_APPLICATION = "immunosep_site.wsgi.application"
INSTALLED_APPS = ["immunosep_site", *PLATFORM_APPS, *BLINDED_APPS, *UNBLINDED_APPS]
if DEMONSTRATION:
    INSTALLED_APPS.append("immunosep_site.demonstration")
DATABASES = {
    "default": variables.database(
        "DATABASE_URL",
        embedded=f"sqlite:///{VAR}/unblinded.sqlite3",
        help="The unblinded database, as its running role.",
    ),
    "blinded": variables.database(
        "BLINDED_DATABASE_URL",
        embedded=f"sqlite:///{VAR}/blinded.sqlite3",
        help="The blinded database, as the role that the grants for the unblinded side name.",
    ),
}
SECRET_KEY = variables.text(
    "SECRET_KEY", embedded="demonstration-unblinded-" + "0" * 32, help="The side's own, at least 50 characters."
)
ALLOWED_HOSTS = variables.words(
    "ALLOWED_HOSTS", embedded=["127.0.0.1", "testserver"], help="The names under which the side is reached."
)
SESSION_COOKIE_NAME = "unblinded_session"
CSRF_COOKIE_NAME = "unblinded_csrf"
CHECKPOINT_DIRECTORY = variables.text(
    "CHECKPOINT_DIRECTORY", embedded=f"{VAR}/checkpoints", help="A folder of another machine."
)
KEY_DIRECTORY = variables.text(
    "KEY_DIRECTORY",
    embedded=f"{VAR}/keys",
    help="`service.key`, `service.passphrase`, `checkpoint.key`, `hatch.key` and their `.pub`, mode 0600.",
)

CELERY_TASK_DEFAULT_QUEUE = SIDE
CELERY_BROKER_TRANSPORT_OPTIONS = {**BROKER_OPTIONS, "global_keyprefix": f"{SIDE}:"}
CELERY_BEAT_SCHEDULE = {
    "carry-down": {"task": "hatch.carry_down", "schedule": 15.0},
    "night-sheets": {"task": "worklist.keep_night_sheets", "schedule": 300.0},
    "mail": {"task": "notices.mail", "schedule": 30.0},
    "checkpoints": {"task": "lists.take_checkpoints", "schedule": 3600.0},
}
HATCH_PUBLIC_KEY_FILE = f"{KEY_DIRECTORY}/hatch.pub"
variables.stop_at_faults()

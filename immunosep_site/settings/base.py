"""What both sides share. Which apps, database, keys, cookies and addresses they have, each says itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import font_source_sans_pro
import structlog

from immunosep_site.settings.read import is_set, variables

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR = variables.folder("IMMUNOSEP_VAR", default=BASE_DIR / "var", help="Static files, and what beat remembers.")
# `make setup` marks a checkout as embedded; a production host has no mark and must name its services.
MARKED = (VAR / "embedded").exists() and not is_set("DATABASE_URL")
EMBEDDED = variables.flag(
    "IMMUNOSEP_EMBEDDED",
    default=MARKED,
    help="Never 1 in production: SQLite, no broker, no mail server, and keys of its own.",
)
variables.embedded = EMBEDDED
DEMONSTRATION = variables.flag(
    "IMMUNOSEP_DEMONSTRATION",
    default=MARKED,
    help="Never 1 in production: one process plays both sides, with a password that is printed.",
)
DEBUG = False
REDIS_URL = variables.broker("REDIS_URL", help="The side's own user of a Redis, limited to its own keys.")

PLATFORM_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "randomization.audit",
    "randomization.documents",
    "randomization.accounts",
    "randomization.signatures",
    "randomization.notices",
    "randomization.delivery",
    "randomization.hatch",
]
BLINDED_APPS = [
    "randomization.blinded.sites",
    "randomization.blinded.screening",
    "randomization.blinded.bedside",
    "randomization.blinded.outcomes",
    "randomization.blinded.allocation",
    "randomization.blinded.participants",
    "randomization.blinded.inbox",
    "randomization.blinded.desk",
]
UNBLINDED_APPS = [
    "randomization.unblinded.witness",
    "randomization.unblinded.people",
    "randomization.unblinded.lists",
    "randomization.unblinded.laboratory",
    "randomization.unblinded.codebreak",
    "pharmacy.stock",
    "pharmacy.labels",
    "pharmacy.preparation",
    "pharmacy.worklist",
    "pharmacy.outage",
    "pharmacy.accountability",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "immunosep_site.headers.SecurityHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "randomization.delivery.middleware.ActivityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "randomization.delivery.middleware.ReadOnceMiddleware",
    "randomization.delivery.middleware.ActorMiddleware",
    "randomization.delivery.middleware.LanguageMiddleware",
]
BEFORE_ACTIVITY = MIDDLEWARE.index("randomization.delivery.middleware.ActivityMiddleware")
"""Where the embedded run puts what it does before each request in place of workers."""

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "immunosep_site" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["randomization.delivery.templatetags.trial"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "immunosep_site.frame.frame",
            ],
        },
    }
]

ROOT = "immunosep_site"
DATABASE_ROUTERS = ["immunosep_site.router.SideRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.Account"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [f"randomization.accounts.hashing.{'DemonstrationArgon2' if DEMONSTRATION else 'TrialArgon2'}"]
LOGIN_URL = "log_in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

SESSION_COOKIE_AGE = 30 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
ONE_TIME_KEY_HOURS = 24  # [choice] how long the answer to a form or request is kept, for when it is sent again
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = not EMBEDDED
SECURE_PROXY_SSL_HEADER = None if EMBEDDED else ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 0 if EMBEDDED else 31536000
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("el", "Greek"),
    ("de", "German"),
    ("it", "Italian"),
    ("nl", "Dutch"),
    ("fr", "French"),
    ("ro", "Romanian"),
]
LOCALE_PATHS = [BASE_DIR / "immunosep_site" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "static/"
STATICFILES_DIRS = [
    BASE_DIR / "immunosep_site" / "static",
    ("fonts", Path(str(font_source_sans_pro.__file__)).parent / "files"),
]
STATIC_ROOT = VAR / "static"
WHITENOISE_USE_FINDERS = EMBEDDED

EMAIL_BACKEND = f"django.core.mail.backends.{'filebased' if EMBEDDED else 'smtp'}.EmailBackend"
EMAIL_FILE_PATH = VAR / "mail"
EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = variables.mail(
    "EMAIL_URL", embedded="smtp://localhost:25", help="The side's mail server, with STARTTLS."
)
EMAIL_USE_TLS = not EMBEDDED
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = variables.text(
    "MAIL_FROM", embedded="immunosep@example.org", help="The sender of e-mails: an address nobody reads."
)
SITE_ADDRESS = variables.text(
    "SITE_ADDRESS", embedded="", help="The side's address as e-mails say it, like `https://trial.example.org`."
)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "randomization.delivery.authentication.TokenActor",
        "randomization.delivery.authentication.SessionActor",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "randomization.delivery.schema.TrialSchema",
    "EXCEPTION_HANDLER": "immunosep_site.problems.handle",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "ImmunoSep randomization",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
}

# Background work (docs/decisions/0049): queue, key prefix and schedule are each side's own.
BROKER_SECONDS = 0.5
"""How long anybody waits for the broker, to connect and to read alike."""
CELERY_BROKER_URL = REDIS_URL or "memory://"  # the embedded run has no broker, and looks for none
BROKER_OPTIONS = {"socket_connect_timeout": BROKER_SECONDS, "socket_timeout": BROKER_SECONDS, "max_retries": 1}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker as long as it takes
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False  # nobody stops or questions a worker through the broker

structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.JSONRenderer(),
    ],
    logger_factory=structlog.PrintLoggerFactory(),
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}

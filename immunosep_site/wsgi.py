"""WSGI entry of one side (IMMUNOSEP_SIDE)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault(
    "DJANGO_SETTINGS_MODULE", f"immunosep_site.settings.{os.environ.get('IMMUNOSEP_SIDE', 'blinded')}"
)
application = get_wsgi_application()

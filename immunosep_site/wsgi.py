"""WSGI entry of one side (IMMUNOSEP_SIDE)."""

import os
import sys

from django.core.checks import ERROR, run_checks
from django.core.wsgi import get_wsgi_application

os.environ.setdefault(
    "DJANGO_SETTINGS_MODULE", f"immunosep_site.settings.{os.environ.get('IMMUNOSEP_SIDE', 'blinded')}"
)
application = get_wsgi_application()
# A server does not run Django's checks by itself: a key readable below must stop this start too.
faults = [found for found in run_checks() if found.level >= ERROR]
if faults:
    sys.exit("\n".join(f"{found.msg} {found.hint or ''}".strip() for found in faults))

"""WSGI entry of one side (IMMUNOSEP_SIDE)."""

import sys

from django.core.checks import ERROR, run_checks
from django.core.wsgi import get_wsgi_application

from immunosep_site.settings.side import choose_settings

choose_settings()
application = get_wsgi_application()
# A server does not run Django's checks by itself: a key readable below must stop this start too.
faults = [fault for fault in run_checks() if fault.level >= ERROR]
if faults:
    sys.exit("\n".join(f"{fault.msg} {fault.hint or ''}".strip() for fault in faults))

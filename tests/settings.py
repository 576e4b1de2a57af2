"""Settings of a test run: one side, embedded, with a folder of its own; PostgreSQL where DATABASE_URL says so."""

from __future__ import annotations

import os
import tempfile

SIDE_OF_RUN = os.environ.setdefault("IMMUNOSEP_SIDE", "unblinded")
os.environ.setdefault("IMMUNOSEP_EMBEDDED", "1")
os.environ.setdefault("IMMUNOSEP_DEMONSTRATION", "1")
os.environ.setdefault("IMMUNOSEP_VAR", tempfile.mkdtemp(prefix="immunosep-tests-"))

if SIDE_OF_RUN == "blinded":
    from immunosep_site.settings.blinded import *  # noqa: F403
    from immunosep_site.settings.blinded import DATABASES
else:
    from immunosep_site.settings.unblinded import *  # noqa: F403
    from immunosep_site.settings.unblinded import DATABASES

WHITENOISE_AUTOREFRESH = True  # every client of a test has the middleware of its own, which else reads all folders

for _alias, _database in DATABASES.items():
    if not _database["ENGINE"].endswith("sqlite3"):
        _below = _alias == "blinded" or SIDE_OF_RUN == "blinded"
        _database["TEST"] = {
            "NAME": f"test_{_database['NAME']}_{SIDE_OF_RUN}_run_{'blinded' if _below else 'unblinded'}"
        }

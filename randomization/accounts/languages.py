"""The languages of pages and e-mails.

Pure: no Django.
"""

from __future__ import annotations

from typing import Final

LANGUAGES: Final = (
    ("en", "English"),
    ("el", "Ελληνικά"),
    ("de", "Deutsch"),
    ("it", "Italiano"),
    ("nl", "Nederlands"),
    ("fr", "Français"),
    ("ro", "Română"),
)
"""Languages a person may choose, each in its own words."""

"""Pages of the desk."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop as _

SHOWN_WORDS: Final = (
    _("Accounts"), _("Allocation"), _("Audit"), _("Screening"), _("Sites"), _("action"), _("actor"),
    _("allocation list"), _("allocation lists"), _("approval"), _("approvals"), _("at"), _("checker"), _("closed at"),
    _("contact full"),
    _("code"), _("contact"), _("data"), _("days"), _("delegated by"), _("drill done at"), _("duties"), _("duty"),
    _("earlier"), _("email"), _("ends"), _("ends at"), _("event"), _("events"), _("hash"), _("in force from"),
    _("investigator"), _("is active"), _("label language"), _("loaded at"), _("may supply"), _("membership"),
    _("memberships"), _("name"), _("number"), _("opened at"), _("participant"), _("participants"), _("people"),
    _("person"), _("preparer"), _("previous"), _("protocol"), _("protocol version"), _("protocol versions"),
    _("reach"), _("role"), _("root"), _("screened at"), _("sealed at"), _("sepsis at"), _("seq"), _("sha256"),
    _("site"), _("sites"), _("starts"), _("starts at"), _("state"), _("stream"), _("subject"), _("telephone"),
    _("text"), _("time zone"), _("trained for"), _("trial"), _("user name"), _("version"),
)  # fmt: skip
"""Names of models and fields in the admin panel, shown in the reader's language."""

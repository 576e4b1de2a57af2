"""Pages of stock: what lies there, what arrives and leaves, quarantine and supply."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop as _

SHOWN_WORDS: Final = (
    # movements of the ledger
    _("receipt"),
    _("provisional receipt"),
    _("from hospital stock"),
    _("reservation"),
    _("use"),
    _("waste"),
    _("return"),
    _("destruction"),
    _("count"),
    # why a lot is on hold, and how that ends
    _("delivery"),
    _("excursion"),
    _("recall"),
    _("pharmacy"),
    _("released"),
    _("destroyed"),
    # where an order of destruction, or a removal, is
    _("ordered"),
    _("cancelled"),
    _("waiting"),
    _("confirmed"),
    _("disputed"),
    _("settled"),
    _("returned syringes"),
    # how lot and expiry of a carton became known
    _("scanned"),
    _("shelf label"),
    _("typed"),
)
"""Words that are stored in English and shown in the reader's language."""

"""Codes and times as people read them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.utils.dateformat import format as as_date
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from randomization.delivery.one_time_keys import FIELD
from randomization.delivery.sentences import shown
from randomization.shared import clock, ids
from randomization.shared.entropy import new_uid
from randomization.shared.ids import show_code, spell_code
from randomization.shared.sentences import word

register = template.Library()


@register.filter
def code(value: str) -> str:
    """`7F2QXK9D` as `7F2Q-XK9D`."""
    return show_code(value) if value else ""


@register.filter
def dose_number(value: int) -> str:
    """The number of a dose as its label shows it: `07`."""
    return ids.dose_number(value)


@register.filter
def spelled(value: str) -> str:
    """A code as it is read over the telephone, in the words of the ICAO alphabet: `seven Foxtrot two Quebec - ...`."""
    return spell_code(value) if value else ""


@register.filter
def site_time(value: datetime | None, zone: str) -> str:
    """A moment in the site's zone with its UTC offset."""
    if value is None:
        return ""
    local = clock.site_moment(value, zone)
    offset = local.strftime("%z")
    return f"{as_date(local, 'd M Y H:i')} {offset[:3]}:{offset[3:]}"


@register.filter
def stamp_time(value: str, zone: str) -> str:
    """A moment kept as text, in the site's zone with its UTC offset."""
    return site_time(clock.parse_stamp(value), zone) if value else ""


@register.filter
def hours_left(value: timedelta) -> str:
    """`13 h 05 min left`, or `over`."""
    seconds = int(value.total_seconds())
    if seconds <= 0:
        return _("over")
    return _("%(hours)s h %(minutes)s min left") % {
        "hours": seconds // 3600,
        "minutes": f"{seconds % 3600 // 60:02d}",
    }


@register.filter
def urgency(value: timedelta) -> str:
    """Tag class of time left: late, warning under 12 hours, else quiet."""
    if value <= timedelta(0):
        return "late"
    return "warning" if value < timedelta(hours=12) else "quiet"


@register.filter
def spare(value: timedelta) -> str:
    """Time to spare in words: `13 h 05 min to spare`, or by how much usual durations are too long."""
    minutes = abs(int(value.total_seconds())) // 60
    span = {"span": f"{minutes // 60} h {minutes % 60:02d} min"}
    if value > timedelta(0):
        return _("yes, %(span)s to spare") % span
    return _("not at the usual pace: %(span)s too long") % span


@register.filter
def spare_urgency(value: timedelta) -> str:
    """Tag class of time to spare: late where there is none, warning under 3 hours, else good."""
    if value <= timedelta(0):
        return "late"
    return "warning" if value < timedelta(hours=3) else "good"


@register.filter
def words(value: str) -> str:
    """`not_eligible` as `not eligible`, in the reader's language."""
    return shown(word(str(value)))


@register.filter
def sentence(value: str) -> str:
    """A sentence or step that is English where it was made, in the reader's language."""
    return shown(value)


@register.filter
def split_words(value: str) -> list[str]:
    """The words of a text, to loop over."""
    return value.split()


@register.simple_tag
def one_time_key() -> SafeString:
    """The hidden field with the key of one form: sent twice, it is done once."""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, new_uid())

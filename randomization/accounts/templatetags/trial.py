"""Codes and times as people read them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template

from randomization.shared import clock
from randomization.shared.ids import show_code, spell_code

register = template.Library()


@register.filter
def code(value: str) -> str:
    """`7F2QXK9D` as `7F2Q-XK9D`."""
    return show_code(value) if value else ""


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
    return f"{local:%d %b %Y %H:%M} {offset[:3]}:{offset[3:]}"


@register.filter
def stamp_time(value: str, zone: str) -> str:
    """A moment kept as text, in the site's zone with its UTC offset."""
    return site_time(clock.parse_stamp(value), zone) if value else ""


@register.filter
def hours_left(value: timedelta) -> str:
    """`13 h 05 min left`, or `over`."""
    seconds = int(value.total_seconds())
    if seconds <= 0:
        return "over"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02d} min left"


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
    span = f"{minutes // 60} h {minutes % 60:02d} min"
    return f"yes, {span} to spare" if value > timedelta(0) else f"not at the usual pace: {span} too long"


@register.filter
def spare_urgency(value: timedelta) -> str:
    """Tag class of time to spare: late where there is none, warning under 3 hours, else good."""
    if value <= timedelta(0):
        return "late"
    return "warning" if value < timedelta(hours=3) else "good"


@register.filter
def words(value: str) -> str:
    """`not_eligible` as `not eligible`."""
    return str(value).replace("_", " ")


@register.filter
def split_words(value: str) -> list[str]:
    """The words of a text, to loop over."""
    return value.split()

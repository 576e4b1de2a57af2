"""Forms as people at a site fill them in: local times, numbers with comma or point, a password to sign."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from randomization.delivery.sentences import shown
from randomization.shared import clock
from randomization.shared.errors import InvalidInput
from randomization.shared.plausible import check_year
from randomization.shared.sentences import word

OFFSET_SUFFIX: Final = "_offset"


class LocalTimeField(forms.CharField):
    """A moment in the site's local time; the form turns it into UTC and asks when an hour exists twice."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"})

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise forms.ValidationError(gettext("Write day and time, like 2026-03-01 14:30.")) from error
        try:
            check_year(moment.year)
        except InvalidInput as error:
            raise forms.ValidationError(shown(error.sentence)) from error
        return moment


_NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


class NumberField(forms.CharField):
    """A number as people write it, comma or point; kept as typed, and never rounded."""

    def __init__(self, *, unit: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.unit = unit
        self.widget.attrs.update({"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value: Any) -> Any:
        text = str(super().to_python(value) or "").strip().replace(",", ".")
        if not text:
            return None
        if not _NUMBER.fullmatch(text):
            raise forms.ValidationError(gettext("Write a number, like 28 or 28,5."))
        return Decimal(text)


class ScanField(forms.CharField):
    """Scanner input: lands in the first such field and ends with Enter."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs.update(
            {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "class": "scan"}
        )


class SiteForm(forms.Form):
    """A form in one site's time zone."""

    use_required_attribute = False

    def __init__(self, *args: Any, zone: str = "UTC", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        local = clock.site_moment(clock.now(), zone)
        now = {"time": f"{local:%H:%M}", "offset": f"{local:%z}"}
        for name, field in list(self.fields.items()):
            if isinstance(field, LocalTimeField):
                field.help_text = field.help_text or gettext("Local time, now %(time)s (UTC%(offset)s)") % now
            field.widget.attrs["aria-describedby"] = f"{name}-help {name}-error"

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        """Moments are shown in the site's time."""
        value = super().get_initial_for_field(field, field_name)
        if isinstance(field, LocalTimeField) and isinstance(value, datetime):
            local = clock.site_moment(value, self.zone)
            # Seconds stay where there are some: a form that is sent back unchanged changes nothing.
            return f"{local:%Y-%m-%dT%H:%M:%S}" if local.second else f"{local:%Y-%m-%dT%H:%M}"
        return value

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, field in list(self.fields.items()):
            moment = cleaned.get(name)
            if isinstance(field, LocalTimeField) and isinstance(moment, datetime):
                self._to_utc(cleaned, name, moment)
        return cleaned

    def _to_utc(self, cleaned: dict[str, Any], name: str, moment: datetime) -> None:
        minutes = self.data.get(name + OFFSET_SUFFIX, "")
        offset = timedelta(minutes=int(minutes)) if minutes.lstrip("-").isdigit() else None
        try:
            if moment.tzinfo is not None:
                cleaned[name] = moment.astimezone(UTC)
            else:
                cleaned[name] = clock.from_site_time(moment, self.zone, offset=offset)
        except InvalidInput as error:
            self.add_error(name, shown(error.sentence))
            if error.code == "ambiguous_time":
                self._ask_which(name, moment)

    def ask(self, confirms: Sequence[str]) -> None:
        """Add a box for each implausible value, `field=value`, to tick where it is meant."""
        field = forms.MultipleChoiceField(
            label=_("Is it right all the same?"),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            choices=[(item, self._asked(item)) for item in confirms],
        )
        field.widget.attrs["aria-describedby"] = "confirmed-help confirmed-error"
        self.fields["confirmed"] = field

    def _asked(self, confirm: str) -> str:
        """The field's label with the value, a moment in the site's time."""
        name, _equals, value = confirm.partition("=")
        field = self.fields.get(name)
        if isinstance(field, LocalTimeField):
            value = f"{clock.site_moment(clock.parse_stamp(value), self.zone):%Y-%m-%d %H:%M %z}"
        return f"{field.label if field else name}: {value}"

    def _ask_which(self, name: str, moment: datetime) -> None:
        zone = ZoneInfo(self.zone)
        choices = []
        for fold, words in ((0, gettext("before the clocks went back")), (1, gettext("after the clocks went back"))):
            offset = moment.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta(0)
            choices.append(
                (str(int(offset.total_seconds() // 60)), f"{words} (UTC{moment.replace(tzinfo=zone, fold=fold):%z})")
            )
        self.fields[name + OFFSET_SUFFIX] = forms.ChoiceField(choices=choices, label=_("Which of the two?"))


class EndForm(SiteForm):
    """Why a membership ends."""

    reason = forms.CharField(label=_("Why does it end?"))


def first_password() -> forms.CharField:
    """The field of a password that somebody else chooses."""
    return forms.CharField(
        label=_("First password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        help_text=_("At least 12 characters; the person changes it"),
    )


READMIT: Final = _(
    "For a lost password, or a telephone with the second step on it. Make sure who asks: somebody with the new "
    "password is that person to the system. It signs nothing before the person changes it."
)


class AccountRecoveryForm(SiteForm):
    """Who is let in again, and why."""

    user_name = forms.CharField(label=_("User name"))
    reason = forms.CharField(
        label=_("Why, and how do you know that it is this person?"),
        help_text=_("Like: new telephone, called back on the number in the delegation log"),
    )
    password = first_password()


class AppointForm(SiteForm):
    """Who gets which role, where, on which delegation and training; subclasses name the roles of their side."""

    roles: ClassVar[Sequence[str]] = ()
    user_name = forms.CharField(
        label=_("User name"), help_text=_("A role and place, like nurse.gr01; never given again")
    )
    email = forms.EmailField(label=_("E-mail"))
    role = forms.ChoiceField(label=_("Role"))
    reach = forms.CharField(
        label=_("Site or country"),
        required=False,
        help_text=_("GR01, or GR for a laboratory; empty where a role is for all"),
    )
    delegated_by = forms.CharField(label=_("Delegated by"), required=False)
    trained_for = forms.CharField(
        label=_("Trained for protocol versions"), required=False, help_text=_("Like 1, or 1, 2")
    )
    ends_at = LocalTimeField(
        label=_("Until"), required=False, help_text=_("UTC. For an inspector: an auditor whose access ends by itself")
    )
    password = first_password()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles: Any = self.fields["role"]
        roles.choices = [(role, shown(word(role))) for role in self.roles]


class OwnPasswordForm(SiteForm):
    """The password of the acting person, given again to change the account."""

    password = forms.CharField(
        label=_("Your password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class SigningForm(SiteForm):
    """A form that ends with a signature: the password, given again."""

    secret = forms.CharField(
        label=_("Your password, to sign"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        strip=False,
    )

    def order_fields(self, field_order: Any) -> None:
        """The password comes last."""
        super().order_fields([name for name in self.fields if name != "secret"] + ["secret"])

"""Sites, who is on duty there, and which protocol version holds where."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class Site(models.Model):
    """One centre. Whether its lists are long or short, and which drug it holds, is deliberately absent.

    `protocol` is the version in force here, by the hash of its text: `Approval` says since when. `contact` is short,
    for the syringe; `contact_full` has the address, for the outer bag (Annex VI A.1(a)): the investigator on call.
    While messages from the other side are stopped, nobody knows whether the pharmacy can supply: nothing is allocated.

    Blinding: blinded
    """

    code = models.CharField(max_length=4, primary_key=True)
    name = models.CharField(max_length=128)
    time_zone = models.CharField(max_length=64)
    label_language = models.CharField(max_length=2)
    contact = models.CharField(max_length=200)
    contact_full = models.CharField(max_length=200, default="")
    investigator = models.CharField(max_length=64)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    drill_done_at = models.DateTimeField(null=True)
    may_supply = models.BooleanField(default=False)
    messages_stopped = models.BooleanField(default=False)
    protocol = models.ForeignKey("ProtocolVersion", to_field="sha256", null=True, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def is_open(self) -> bool:
        """Open for screening and allocation; treatment goes on at a closed site."""
        return self.opened_at is not None and self.closed_at is None


class SelfCheck(models.Model):
    """That a site is ready to open, tried and signed by somebody who works there; the last one counts.

    The telephone is the one on the label: it was called, and somebody answered who may break a code. `labels_rendered`:
    how many labels of the site were set as PDF and ZPL, all there are.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("id",)

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="self_checks")
    printer = models.BooleanField()
    scanner = models.BooleanField()
    telephone_answered_by = models.CharField(max_length=64)
    telephone_called_at = models.DateTimeField()
    people_trained = models.BooleanField()
    labels_rendered = models.PositiveSmallIntegerField(default=0)
    drill_done = models.BooleanField()
    may_supply = models.BooleanField()
    signed_by = models.CharField(max_length=64)
    signed_at = models.DateTimeField()
    signature = models.UUIDField(unique=True)

    def __str__(self) -> str:
        return f"{self.site_id} {self.signed_at:%Y-%m-%d %H:%M}"

    @property
    def is_passed(self) -> bool:
        """Whether everything was there."""
        tried = self.printer and self.scanner and self.people_trained and self.labels_rendered > 0
        return tried and self.drill_done and self.may_supply


class Duty(models.Model):
    """Who is called at a site on given days (0 = Monday) and hours, local time; user names and telephones.

    Blinding: blinded
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="duties")
    days = models.CharField(max_length=16)
    starts = models.CharField(max_length=5)
    ends = models.CharField(max_length=5)
    investigator = models.CharField(max_length=64)
    preparer = models.CharField(max_length=64)
    checker = models.CharField(max_length=64)
    telephone = models.CharField(max_length=32)

    class Meta:
        verbose_name_plural = "duties"

    def __str__(self) -> str:
        return f"{self.site_id} {self.days} {self.starts}-{self.ends}"


class ProtocolVersion(models.Model):
    """The text of one protocol file, never changed: a change is a new version.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("trial", "version")

    trial = models.CharField(max_length=32)
    version = models.CharField(max_length=16)
    text = models.TextField()
    sha256 = models.CharField(max_length=64, unique=True)
    loaded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["trial", "version"], name="protocol_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.trial} {self.version}"


class Approval(models.Model):
    """From when a protocol version is in force at a site.

    Blinding: blinded
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="approvals")
    protocol = models.ForeignKey(ProtocolVersion, on_delete=models.PROTECT)
    in_force_from = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["site", "protocol"], name="approval_once"),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} {self.protocol}"

"""People of one side. Each side has its own: a person never exists on both but to break a code."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from randomization.accounts.languages import LANGUAGES
from randomization.accounts.roles import BLINDED_ROLES, PERMISSIONS, UNBLINDED_ROLES, Permission, Role
from randomization.shared.service import Side


class UserName(models.Model):
    """Every user name and e-mail ever given or reserved on this side: the keys keep them from being given again.

    Those used above the line are reserved below through the hatch; a code breaker is the one exception, and
    keeps the name of the person below.

    Blinding: blinded
    """

    append_only: ClassVar[tuple[str, ...]] = ("name",)

    name = models.CharField(max_length=64, primary_key=True)
    email_sha256 = models.CharField(max_length=64, unique=True)
    reserved = models.BooleanField()

    def __str__(self) -> str:
        return self.name


class Accounts(BaseUserManager["Account"]):
    """Look-ups by user name; people are made by services alone, so `create_user` is absent."""


class Account(AbstractBaseUser):
    """An individual account (21 CFR 11.100(a)). No name of a human being: roles and user names only.

    Blinding: blinded
    """

    last_login = None

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user_name = models.CharField(max_length=64, unique=True)
    email = models.EmailField(unique=True)
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=2, default="en", choices=LANGUAGES)
    exists_below = models.BooleanField(default=False)
    is_reserved_below = models.BooleanField(default=False)
    password_is_own = models.BooleanField(default=False)
    pin = models.CharField(max_length=128, blank=True)
    badge_sha256 = models.CharField(max_length=64, null=True, unique=True)

    USERNAME_FIELD = "user_name"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]
    objects = Accounts()

    class Meta:
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return self.user_name

    @property
    def is_staff(self) -> bool:
        """Whether the admin panel lets the person in: trial managers and auditors, read from memberships."""
        return self.memberships.filter(role__in=(Role.TRIAL_MANAGER, Role.AUDITOR)).exists()

    def has_module_perms(self, _app_label: str) -> bool:
        """Admin pages decide by their own policy."""
        return self.is_staff

    def has_perm(self, permission: str, _obj: object = None) -> bool:
        """Reading only: nothing in the panel adds, changes or deletes what services own."""
        return self.is_staff and ".view_" in permission


class Membership(models.Model):
    """One role, for one site, country or everywhere, from a start to an end, on a delegation and training.

    Blinding: blinded
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="memberships")
    side = models.CharField(max_length=16, choices=[(side.value, side.value) for side in Side])
    role = models.CharField(max_length=32, choices=[(role.value, role.value) for role in Role])
    reach = models.CharField(max_length=4, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    delegated_by = models.CharField(max_length=64, blank=True)
    trained_for = models.CharField(max_length=32, blank=True)
    exists_below = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=models.Q(side=Side.BLINDED, role__in=[role.value for role in BLINDED_ROLES])
                | models.Q(side=Side.UNBLINDED, role__in=[role.value for role in UNBLINDED_ROLES]),
                name="membership_role_of_its_side",
            ),
            models.CheckConstraint(
                condition=models.Q(role=Role.CODE_BREAKER, exists_below=True)
                | (~models.Q(role=Role.CODE_BREAKER) & models.Q(exists_below=False)),
                name="membership_code_break_only_from_below",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at=None) | models.Q(ends_at__gt=models.F("starts_at")),
                name="membership_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account.user_name}: {self.role} {self.reach}"

    def is_current(self, moment: datetime) -> bool:
        """Whether the membership holds at `moment`."""
        return self.starts_at <= moment and (self.ends_at is None or moment < self.ends_at)

    def allows(self, permission: Permission) -> bool:
        """Whether the role includes `permission`."""
        return permission in PERMISSIONS[Role(self.role)]


class SecondFactor(models.Model):
    """A secret shared with a person's authenticator app (TOTP, RFC 6238); `confirmed_at`: asked at log-in since then.

    The secret is sealed with a key that comes from this side's secret key. `last_step`: no code works twice.

    Blinding: blinded
    """

    account = models.OneToOneField(Account, on_delete=models.CASCADE, primary_key=True, related_name="factor")
    sealed = models.TextField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"factor of {self.account_id}"


class Proposal(models.Model):
    """An appointment on the unblinded side, waiting for the second person.

    Blinding: blinded
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user_name = models.CharField(max_length=64)
    email = models.EmailField()
    password = models.CharField(max_length=128)
    role = models.CharField(max_length=32)
    reach = models.CharField(max_length=4, blank=True)
    ends_at = models.DateTimeField(null=True)
    delegated_by = models.CharField(max_length=64, blank=True)
    trained_for = models.CharField(max_length=32, blank=True)
    proposed_by = models.CharField(max_length=64)
    proposed_at = models.DateTimeField()
    confirmed_by = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=~models.Q(proposed_by=models.F("confirmed_by")), name="appointment_by_two_people"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_name}: {self.role} {self.reach}"


class AccountRecovery(models.Model):
    """That an unblinded person is to be let in again: asked by one, confirmed by another; then the hash is blanked.

    Blinding: blinded
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    password = models.CharField(max_length=128, blank=True)
    asked_by = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    confirmed_by = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=~models.Q(asked_by=models.F("confirmed_by")), name="readmission_by_two_people"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} asked for by {self.asked_by}"


class ApiToken(models.Model):
    """A token for the API: stored as SHA-256 of 32 random bytes, expiring, bound to one membership.

    Blinding: blinded
    """

    digest = models.CharField(max_length=64, primary_key=True)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"token of {self.membership}"

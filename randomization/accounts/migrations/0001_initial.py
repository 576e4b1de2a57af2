import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import randomization.accounts.roles
import randomization.shared.service


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Person",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("user_name", models.CharField(max_length=64, unique=True)),
                ("email", models.EmailField(max_length=254, unique=True)),
                ("is_active", models.BooleanField(default=True)),
                (
                    "language",
                    models.CharField(
                        choices=[
                            ("en", "English"),
                            ("el", "Ελληνικά"),
                            ("de", "Deutsch"),
                            ("it", "Italiano"),
                            ("nl", "Nederlands"),
                            ("fr", "Français"),
                            ("ro", "Română"),
                        ],
                        default="en",
                        max_length=2,
                    ),
                ),
                ("exists_below", models.BooleanField(default=False)),
                ("is_reserved_below", models.BooleanField(default=False)),
                ("password_is_own", models.BooleanField(default=False)),
                ("pin", models.CharField(blank=True, max_length=128)),
                ("badge_sha256", models.CharField(max_length=64, null=True, unique=True)),
            ],
            options={
                "verbose_name_plural": "people",
            },
        ),
        migrations.CreateModel(
            name="UserName",
            fields=[
                ("name", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("email_sha256", models.CharField(max_length=64, unique=True)),
                ("reserved", models.BooleanField()),
            ],
        ),
        migrations.CreateModel(
            name="SecondFactor",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="factor",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("sealed", models.TextField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("last_step", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("side", models.CharField(choices=[("blinded", "blinded"), ("unblinded", "unblinded")], max_length=16)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("auditor", "auditor"),
                            ("blinded_monitor", "blinded_monitor"),
                            ("coordinator", "coordinator"),
                            ("investigator", "investigator"),
                            ("nurse", "nurse"),
                            ("trial_manager", "trial_manager"),
                            ("code_breaker", "code_breaker"),
                            ("laboratory", "laboratory"),
                            ("pharmacist", "pharmacist"),
                            ("preparer", "preparer"),
                            ("safety_officer", "safety_officer"),
                            ("statistician", "statistician"),
                            ("unblinded_monitor", "unblinded_monitor"),
                        ],
                        max_length=32,
                    ),
                ),
                ("reach", models.CharField(blank=True, max_length=4)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(null=True)),
                ("delegated_by", models.CharField(blank=True, max_length=64)),
                ("trained_for", models.CharField(blank=True, max_length=32)),
                ("exists_below", models.BooleanField(default=False)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("expires_at", models.DateTimeField()),
                (
                    "membership",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="accounts.membership"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("user_name", models.CharField(max_length=64)),
                ("email", models.EmailField(max_length=254)),
                ("password", models.CharField(max_length=128)),
                ("role", models.CharField(max_length=32)),
                ("reach", models.CharField(blank=True, max_length=4)),
                ("ends_at", models.DateTimeField(null=True)),
                ("delegated_by", models.CharField(blank=True, max_length=64)),
                ("trained_for", models.CharField(blank=True, max_length=32)),
                ("proposed_by", models.CharField(max_length=64)),
                ("proposed_at", models.DateTimeField()),
                ("confirmed_by", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("proposed_by", models.F("confirmed_by")), _negated=True),
                        name="appointment_by_two_people",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Readmission",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("password", models.CharField(blank=True, max_length=128)),
                ("asked_by", models.CharField(max_length=64)),
                ("asked_at", models.DateTimeField()),
                ("confirmed_by", models.CharField(blank=True, max_length=64)),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        (
                            "role__in",
                            ["auditor", "blinded_monitor", "coordinator", "investigator", "nurse", "trial_manager"],
                        ),
                        ("side", randomization.shared.service.Side["BLINDED"]),
                    ),
                    models.Q(
                        (
                            "role__in",
                            [
                                "code_breaker",
                                "laboratory",
                                "pharmacist",
                                "preparer",
                                "safety_officer",
                                "statistician",
                                "unblinded_monitor",
                            ],
                        ),
                        ("side", randomization.shared.service.Side["UNBLINDED"]),
                    ),
                    _connector="OR",
                ),
                name="membership_role_of_its_side",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("exists_below", True), ("role", randomization.accounts.roles.Role["CODE_BREAKER"])),
                    models.Q(
                        models.Q(("role", randomization.accounts.roles.Role["CODE_BREAKER"]), _negated=True),
                        ("exists_below", False),
                    ),
                    _connector="OR",
                ),
                name="membership_code_break_only_from_below",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at", None), ("ends_at__gt", models.F("starts_at")), _connector="OR"),
                name="membership_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="readmission",
            constraint=models.CheckConstraint(
                condition=models.Q(("asked_by", models.F("confirmed_by")), _negated=True),
                name="readmission_by_two_people",
            ),
        ),
    ]

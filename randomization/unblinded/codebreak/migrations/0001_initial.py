import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="CodeBreak",
            fields=[
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("participant_uid", models.UUIDField(null=True)),
                ("participant_number", models.CharField(blank=True, max_length=12)),
                ("site_code", models.CharField(max_length=4)),
                ("slot_uid", models.UUIDField()),
                ("kit_code", models.CharField(max_length=8)),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("emergency", "medical emergency: treatment depends on it"),
                            ("safety_report", "safety report to a regulator"),
                            ("other", "other (say which)"),
                            ("drill", "rehearsal on a made-up patient"),
                        ],
                        max_length=16,
                    ),
                ),
                ("reason", models.TextField()),
                ("shown", models.CharField(max_length=200)),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("screen", "on the screen"),
                            ("third_party", "told to a third party"),
                            ("pack", "from the emergency pack, entered later"),
                        ],
                        default="screen",
                        max_length=16,
                    ),
                ),
                ("broken_by", models.CharField(max_length=64)),
                ("seen_by", models.CharField(default="", max_length=300)),
                ("role", models.CharField(max_length=32)),
                ("broken_at", models.DateTimeField()),
                ("signature", models.UUIDField(unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="CopyCheck",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("participant_number", models.CharField(max_length=12)),
                ("site_code", models.CharField(max_length=4)),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("emergency", "medical emergency: treatment depends on it"),
                            ("safety_report", "safety report to a regulator"),
                            ("other", "other (say which)"),
                            ("drill", "rehearsal on a made-up patient"),
                        ],
                        max_length=16,
                    ),
                ),
                ("reason", models.TextField()),
                ("invited_by", models.CharField(max_length=64)),
                ("role", models.CharField(max_length=32)),
                ("invited_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("signature", models.UUIDField(unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="ImpactAssessment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "necessity",
                    models.CharField(
                        choices=[
                            ("needed", "yes: treatment depended on it"),
                            ("not_needed", "no: it was not needed"),
                            ("planned", "it was planned, for a report"),
                        ],
                        max_length=16,
                    ),
                ),
                ("spread", models.TextField()),
                ("effect", models.TextField()),
                ("measures", models.TextField()),
                ("assessed_by", models.CharField(max_length=64)),
                ("assessed_at", models.DateTimeField()),
                ("signature", models.UUIDField(unique=True)),
                (
                    "code_break",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assessments",
                        to="codebreak.codebreak",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="KnownPatient",
            fields=[
                ("participant_uid", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("number", models.CharField(max_length=12, unique=True)),
                ("site_code", models.CharField(max_length=4)),
                ("slot_uid", models.UUIDField()),
                ("kit_code", models.CharField(max_length=8, unique=True)),
                ("verdict_uid", models.UUIDField()),
                ("allocated_at", models.DateTimeField()),
                ("reduced", models.BooleanField()),
                ("last_given", models.TextField()),
                ("administration_id", models.BigIntegerField()),
                ("clearance_id", models.BigIntegerField()),
                ("read_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["allocated_at"], name="known_patient_allocated")],
            },
        ),
    ]

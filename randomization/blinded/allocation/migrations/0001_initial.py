import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("screening", "0001_initial"),
        ("sites", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="AllocationList",
            fields=[
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("stratum_uid", models.UUIDField()),
                ("version", models.PositiveIntegerField()),
                ("length", models.PositiveIntegerField()),
                ("next_position", models.PositiveIntegerField(default=1)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("sealed", "sealed"),
                            ("open", "open"),
                            ("exhausted", "exhausted"),
                            ("superseded", "superseded"),
                            ("fallback", "fallback"),
                        ],
                        max_length=12,
                    ),
                ),
                ("root", models.CharField(max_length=64)),
                ("sealed_at", models.DateTimeField()),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lists", to="sites.site"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Misallocation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("in_error", "randomised in error"),
                            ("wrong_stratum", "randomised in the wrong stratum"),
                            ("wrong_site", "randomised at the wrong site"),
                        ],
                        max_length=16,
                    ),
                ),
                ("truth", models.TextField()),
                ("recorded_by", models.CharField(max_length=64)),
                ("recorded_at", models.DateTimeField()),
                ("signature", models.UUIDField(unique=True)),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="misallocations",
                        to="screening.participant",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Slot",
            fields=[
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("position", models.PositiveIntegerField()),
                ("kit_code", models.CharField(max_length=8, unique=True)),
                (
                    "list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="slots",
                        to="allocation.allocationlist",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Allocation",
            fields=[
                (
                    "participant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="screening.participant",
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                ("kit_code", models.CharField(max_length=8, unique=True)),
                ("verdict_uid", models.UUIDField()),
                ("signature", models.UUIDField(unique=True)),
                ("allocated_by", models.CharField(max_length=64)),
                ("allocated_at", models.DateTimeField()),
                (
                    "list",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="allocation.allocationlist"),
                ),
                ("slot", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, to="allocation.slot")),
            ],
        ),
        migrations.AddConstraint(
            model_name="allocationlist",
            constraint=models.UniqueConstraint(fields=("stratum_uid", "version"), name="list_version_once"),
        ),
        migrations.AddConstraint(
            model_name="allocationlist",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("stratum_uid",), name="one_open_list_a_stratum"
            ),
        ),
        migrations.AddConstraint(
            model_name="misallocation",
            constraint=models.UniqueConstraint(fields=("participant", "kind"), name="misallocation_once"),
        ),
        migrations.AddConstraint(
            model_name="slot",
            constraint=models.UniqueConstraint(fields=("list", "position"), name="slot_position_once"),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.UniqueConstraint(fields=("list", "position"), name="allocation_position_once"),
        ),
    ]

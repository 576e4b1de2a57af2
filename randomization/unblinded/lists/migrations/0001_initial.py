import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Custodian",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=16)),
                ("public_key", models.BinaryField()),
                ("added_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="PlanVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(unique=True)),
                ("text", models.TextField()),
                ("plan_hash", models.CharField(max_length=64, unique=True)),
                ("loaded_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Stratum",
            fields=[
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("site_code", models.CharField(max_length=4)),
                ("scope", models.CharField(max_length=32, unique=True)),
                ("immune_class", models.CharField(blank=True, max_length=16)),
                ("is_drill", models.BooleanField(default=False)),
                ("is_fallback", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="SealedList",
            fields=[
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("version", models.PositiveIntegerField()),
                ("context", models.CharField(max_length=64, unique=True)),
                ("asked_length", models.PositiveIntegerField()),
                ("length", models.PositiveIntegerField()),
                ("root", models.CharField(max_length=64)),
                ("sealed_at", models.DateTimeField()),
                ("sealed_by", models.CharField(max_length=64)),
                ("plan", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="lists.planversion")),
                (
                    "stratum",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lists", to="lists.stratum"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SealedSlot",
            fields=[
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("position", models.PositiveIntegerField()),
                ("kit_code", models.CharField(max_length=8, unique=True)),
                ("sealed", models.BinaryField()),
                (
                    "list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="slots", to="lists.sealedlist"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Opening",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("purpose", models.CharField(max_length=16)),
                ("reference", models.CharField(max_length=64)),
                ("actor", models.CharField(max_length=64)),
                ("role", models.CharField(max_length=32)),
                ("opened_at", models.DateTimeField()),
                (
                    "slot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="openings", to="lists.sealedslot"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="WrappedSecret",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("custodian", models.CharField(max_length=16)),
                ("kind", models.CharField(choices=[("key", "key"), ("seed", "seed")], max_length=8)),
                ("wrapped", models.BinaryField()),
                (
                    "list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="secrets", to="lists.sealedlist"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="sealedslot",
            constraint=models.UniqueConstraint(fields=("list", "position"), name="sealed_slot_position_once"),
        ),
        migrations.AddConstraint(
            model_name="sealedlist",
            constraint=models.UniqueConstraint(fields=("stratum", "version"), name="sealed_list_version_once"),
        ),
        migrations.AddConstraint(
            model_name="wrappedsecret",
            constraint=models.UniqueConstraint(fields=("list", "custodian", "kind"), name="wrapped_secret_once"),
        ),
        migrations.AddConstraint(
            model_name="wrappedsecret",
            constraint=models.CheckConstraint(
                condition=models.Q(("custodian", "service"), ("kind", "seed"), _negated=True),
                name="no_seed_for_the_service",
            ),
        ),
    ]

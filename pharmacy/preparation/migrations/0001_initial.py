import uuid

import django.db.models.deletion
from django.db import migrations, models

import pharmacy.preparation.states


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="CheckArrangement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("site_code", models.CharField(max_length=4)),
                ("kind", models.CharField(choices=[("cover", "cover"), ("waiver", "waiver")], max_length=8)),
                ("by_site", models.CharField(blank=True, max_length=4)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("signed_by", models.CharField(max_length=64)),
                ("ended_by", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("by_site", ""), ("kind", pharmacy.preparation.states.Arrangement["WAIVER"])),
                            models.Q(
                                ("kind", pharmacy.preparation.states.Arrangement["COVER"]),
                                models.Q(("by_site", ""), _negated=True),
                                models.Q(("by_site", models.F("site_code")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="cover_names_another_site",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EnvelopeLabel",
            fields=[
                ("pack_code", models.CharField(max_length=8, primary_key=True, serialize=False)),
                ("site_code", models.CharField(max_length=4)),
                ("slot_uid", models.UUIDField()),
                ("kit_code", models.CharField(max_length=8)),
                ("route", models.CharField(max_length=2)),
                ("number", models.PositiveSmallIntegerField()),
                ("level", models.CharField(max_length=8)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("kit_code", "route", "number", "level"), name="envelope_label_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Preparation",
            fields=[
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("dose_uid", models.UUIDField()),
                ("participant_number", models.CharField(max_length=12)),
                ("site_code", models.CharField(max_length=4)),
                ("kit_code", models.CharField(max_length=8)),
                ("route", models.CharField(max_length=2)),
                ("number", models.PositiveSmallIntegerField()),
                ("planned_at", models.DateTimeField()),
                ("pack_code", models.CharField(max_length=8, unique=True)),
                ("level", models.CharField(max_length=8)),
                ("immune_class", models.CharField(max_length=16)),
                ("product", models.CharField(max_length=32)),
                ("product_name", models.CharField(max_length=128)),
                ("amount", models.CharField(max_length=32)),
                ("diluent", models.CharField(max_length=64)),
                ("draw_ml", models.DecimalField(decimal_places=3, max_digits=6)),
                ("final_ml", models.DecimalField(decimal_places=3, max_digits=6)),
                ("opened_at", models.DateTimeField()),
                ("opened_by", models.CharField(max_length=64)),
                ("from_envelope", models.BooleanField(default=False)),
                ("ready_at", models.DateTimeField()),
                ("ready_missed", models.BooleanField(default=False)),
                ("use_before", models.DateTimeField()),
                ("made_at", models.DateTimeField(null=True)),
                ("made_by", models.CharField(blank=True, max_length=64)),
                ("checked_at", models.DateTimeField(null=True)),
                ("checked_by", models.CharField(blank=True, max_length=64)),
                (
                    "check_mode",
                    models.CharField(
                        blank=True,
                        choices=[("local", "local"), ("remote", "remote"), ("waived", "waived")],
                        max_length=8,
                    ),
                ),
                ("released_at", models.DateTimeField(null=True)),
                ("released_by", models.CharField(blank=True, max_length=64)),
                ("shown_at", models.DateTimeField(null=True)),
                ("cause_at", models.DateTimeField(null=True)),
                ("label_facts", models.TextField(blank=True)),
                (
                    "void_cause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("person", "person"),
                            ("level", "level"),
                            ("stock", "stock"),
                            ("class", "class"),
                            ("time", "time"),
                            ("course", "course"),
                            ("expired", "expired"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("opened", "opened"),
                            ("made", "made"),
                            ("checked", "checked"),
                            ("released", "released"),
                            ("voided", "voided"),
                        ],
                        max_length=8,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("state", pharmacy.preparation.states.PreparationState["VOIDED"]), _negated=True
                        ),
                        fields=("dose_uid",),
                        name="one_live_preparation",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("checked_by", ""),
                            ("check_mode", pharmacy.preparation.states.CheckMode["WAIVED"]),
                            models.Q(("checked_by", models.F("made_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="checked_by_another_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("shown_at", None), ("released_at__isnull", False), _connector="OR"),
                        name="shown_once_released",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cause_at", None),
                            ("state", pharmacy.preparation.states.PreparationState["VOIDED"]),
                            _connector="OR",
                        ),
                        name="only_what_is_void_has_a_cause",
                    ),
                    models.CheckConstraint(condition=models.Q(("draw_ml__gt", 0)), name="preparation_draws_something"),
                    models.CheckConstraint(
                        condition=models.Q(("final_ml__gte", models.F("draw_ml"))), name="preparation_fits_the_syringe"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RiskToBlind",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("site_code", models.CharField(max_length=4)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("handed over now", "handed over now"),
                            ("prepared while a product was missing", "prepared while a product was missing"),
                            ("shown later than fixed", "shown later than fixed"),
                            ("voided by a person", "voided by a person"),
                        ],
                        max_length=48,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=64)),
                ("seen_at", models.DateTimeField(null=True)),
                ("seen_by", models.CharField(blank=True, max_length=64)),
                (
                    "preparation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="risks", to="preparation.preparation"
                    ),
                ),
            ],
        ),
    ]

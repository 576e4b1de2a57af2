import uuid

import django.db.models.deletion
from django.db import migrations, models

import randomization.blinded.bedside.states


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("screening", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Course",
            fields=[
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kit_code", models.CharField(max_length=8, unique=True)),
                ("first_dose_at", models.DateTimeField()),
                ("code_broken_at", models.DateTimeField(null=True)),
                ("anchored_at", models.DateTimeField(null=True)),
                ("shift_minutes", models.SmallIntegerField(default=0)),
                ("held_at", models.DateTimeField(null=True)),
                ("steered_at", models.DateTimeField(null=True)),
                ("stopped_at", models.DateTimeField(null=True)),
                (
                    "stop_cause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("discharge", "discharge"),
                            ("death", "death"),
                            ("withdrawal", "withdrawal"),
                            ("investigator's decision", "investigator's decision"),
                        ],
                        max_length=24,
                    ),
                ),
                (
                    "participant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="course", to="screening.participant"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Dose",
            fields=[
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("route", models.CharField(max_length=2)),
                ("number", models.PositiveSmallIntegerField()),
                ("planned_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "planned"),
                            ("ready", "ready"),
                            ("given", "given"),
                            ("part_given", "part_given"),
                            ("missed", "missed"),
                            ("held", "held"),
                            ("dropped", "dropped"),
                        ],
                        default=randomization.blinded.bedside.states.DoseState["PLANNED"],
                        max_length=12,
                    ),
                ),
                (
                    "course",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="doses", to="bedside.course"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Administration",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sequence", models.PositiveSmallIntegerField(default=1)),
                ("pack_code", models.CharField(blank=True, max_length=8)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("given", "given"),
                            ("part_given", "part_given"),
                            ("missed", "missed"),
                            ("not_recorded", "not_recorded"),
                        ],
                        max_length=12,
                    ),
                ),
                ("volume_ml", models.DecimalField(decimal_places=6, max_digits=12, null=True)),
                ("at", models.DateTimeField()),
                ("given_by", models.CharField(max_length=64)),
                ("recorded_by", models.CharField(default="", max_length=64)),
                ("transcribed", models.BooleanField(default=False)),
                ("recorded_at", models.DateTimeField()),
                (
                    "corrects",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrected",
                        to="bedside.administration",
                    ),
                ),
                (
                    "dose",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="administrations", to="bedside.dose"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Packaging",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pack_code", models.CharField(max_length=8, unique=True)),
                ("ready_at", models.DateTimeField()),
                ("use_before", models.DateTimeField()),
                ("voided_at", models.DateTimeField(null=True)),
                (
                    "dose",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="packagings", to="bedside.dose"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="WardRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "wish",
                    models.CharField(
                        choices=[
                            ("needed earlier", "needed earlier"),
                            ("line failed, replace", "line failed, replace"),
                        ],
                        max_length=24,
                    ),
                ),
                ("pack_code", models.CharField(blank=True, max_length=8)),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=64)),
                (
                    "dose",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="requests", to="bedside.dose"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Clearance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("value_ml_min", models.DecimalField(decimal_places=6, max_digits=12, null=True)),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("measured", "measured"),
                            ("cockcroft_gault", "Cockcroft-Gault"),
                            ("renal_replacement", "renal replacement therapy"),
                        ],
                        max_length=24,
                    ),
                ),
                ("creatinine", models.DecimalField(decimal_places=6, max_digits=12, null=True)),
                ("creatinine_unit", models.CharField(blank=True, db_default="", default="", max_length=8)),
                ("weight_kg", models.DecimalField(decimal_places=6, max_digits=12, null=True)),
                ("age_years", models.PositiveSmallIntegerField(null=True)),
                ("sampled_at", models.DateTimeField()),
                ("recorded_by", models.CharField(max_length=64)),
                ("recorded_at", models.DateTimeField()),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clearances",
                        to="screening.participant",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("method", "renal_replacement"), ("value_ml_min", None)),
                            models.Q(models.Q(("method", "renal_replacement"), _negated=True), ("value_ml_min__gt", 0)),
                            _connector="OR",
                        ),
                        name="clearance_value_fits_method",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("age_years", None), ("creatinine", None), ("creatinine_unit", ""), ("weight_kg", None)
                            ),
                            models.Q(
                                ("age_years__gt", 0),
                                ("creatinine__gt", 0),
                                ("creatinine_unit__in", ["mg/dL", "umol/L"]),
                                ("method", "cockcroft_gault"),
                                ("weight_kg__gt", 0),
                            ),
                            _connector="OR",
                        ),
                        name="clearance_computed_from_all",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="course",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("stop_cause", ""), ("stopped_at", None)),
                    models.Q(
                        models.Q(("stopped_at", None), _negated=True), models.Q(("stop_cause", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="course_stopped_with_a_cause",
            ),
        ),
        migrations.AddConstraint(
            model_name="course",
            constraint=models.CheckConstraint(
                condition=models.Q(("stopped_at", None), ("held_at", None), _connector="OR"),
                name="course_held_or_stopped",
            ),
        ),
        migrations.AddIndex(
            model_name="dose",
            index=models.Index(fields=["state", "planned_at"], name="dose_due"),
        ),
        migrations.AddConstraint(
            model_name="dose",
            constraint=models.UniqueConstraint(fields=("course", "route", "number"), name="dose_once"),
        ),
        migrations.AddConstraint(
            model_name="administration",
            constraint=models.UniqueConstraint(fields=("dose", "sequence"), name="administration_in_order"),
        ),
        migrations.AddConstraint(
            model_name="administration",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("corrects", None), ("sequence", 1)),
                    models.Q(("corrects__isnull", False), ("sequence__gt", 1)),
                    _connector="OR",
                ),
                name="administration_corrects_the_one_before",
            ),
        ),
        migrations.AddConstraint(
            model_name="packaging",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided_at", None)), fields=("dose",), name="one_packaging_ready_for_a_dose"
            ),
        ),
        migrations.AddConstraint(
            model_name="wardrequest",
            constraint=models.UniqueConstraint(fields=("dose", "wish", "pack_code"), name="ward_request_once"),
        ),
    ]

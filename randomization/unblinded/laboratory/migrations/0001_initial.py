import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Classification",
            fields=[
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "immune_class",
                    models.CharField(
                        choices=[
                            ("MALS", "MALS"),
                            ("SIP", "SIP"),
                            ("UNCLASSIFIED", "UNCLASSIFIED"),
                            ("PENDING", "PENDING"),
                        ],
                        max_length=16,
                    ),
                ),
                ("covid19", models.BooleanField()),
                ("verdict", models.CharField(max_length=16)),
                ("released_at", models.DateTimeField()),
                ("released_by", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                ("sample_uid", models.UUIDField(primary_key=True, serialize=False)),
                ("site_code", models.CharField(max_length=4)),
                ("participant_number", models.CharField(max_length=12)),
                ("received_at", models.DateTimeField()),
                ("received_by", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="ClassCase",
            fields=[
                (
                    "classification",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="laboratory.classification",
                    ),
                ),
                ("participant_uid", models.UUIDField()),
                ("participant_number", models.CharField(max_length=12)),
                ("site_code", models.CharField(max_length=4)),
                ("opened_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="classification",
            name="receipt",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="classifications", to="laboratory.receipt"
            ),
        ),
        migrations.CreateModel(
            name="ClassDecision",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="decision",
                        serialize=False,
                        to="laboratory.classcase",
                    ),
                ),
                ("immune_class", models.CharField(choices=[("MALS", "MALS"), ("SIP", "SIP")], max_length=16)),
                ("signed_by", models.CharField(max_length=64)),
                ("signed_role", models.CharField(max_length=32)),
                ("signed_at", models.DateTimeField()),
                ("confirmed_by", models.CharField(blank=True, max_length=64)),
                ("confirmed_role", models.CharField(blank=True, max_length=32)),
                ("confirmed_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Result",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "analyte",
                    models.CharField(
                        choices=[("ferritin", "ferritin, ng/mL"), ("hla_dr", "HLA-DR, molecules per monocyte")],
                        max_length=8,
                    ),
                ),
                ("qualifier", models.CharField(choices=[("=", "="), (">", ">"), ("<", "<")], max_length=1)),
                ("value", models.DecimalField(decimal_places=2, max_digits=12)),
                ("entered_by", models.CharField(max_length=64)),
                ("entered_at", models.DateTimeField()),
                (
                    "receipt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="results", to="laboratory.receipt"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("value__gte", 0)), name="result_not_negative")
                ],
            },
        ),
        migrations.CreateModel(
            name="WaitingResult",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "analyte",
                    models.CharField(
                        choices=[("ferritin", "ferritin, ng/mL"), ("hla_dr", "HLA-DR, molecules per monocyte")],
                        max_length=8,
                    ),
                ),
                ("qualifier", models.CharField(choices=[("=", "="), (">", ">"), ("<", "<")], max_length=1)),
                ("value", models.DecimalField(decimal_places=2, max_digits=12)),
                ("entered_by", models.CharField(max_length=64)),
                ("entered_at", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("confirmed", "confirmed"), ("replaced", "replaced"), ("withdrawn", "withdrawn")],
                        max_length=12,
                    ),
                ),
                ("settled_by", models.CharField(blank=True, max_length=64)),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "receipt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="waiting", to="laboratory.receipt"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("outcome", "")),
                        fields=("receipt", "analyte"),
                        name="one_value_waits_for_a_second",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", ""), ("settled_at", None), ("settled_by", "")),
                            models.Q(
                                models.Q(("outcome", ""), _negated=True),
                                models.Q(("settled_by", ""), _negated=True),
                                ("settled_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="waiting_value_settled_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "confirmed"), _negated=True),
                            models.Q(("settled_by", models.F("entered_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="implausible_value_entered_by_two",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DecidedFrom",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("route", models.CharField(max_length=2)),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="starts",
                        to="laboratory.classdecision",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="classdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("signed_by", models.F("confirmed_by")), _negated=True),
                    models.Q(("signed_role", models.F("confirmed_role")), _negated=True),
                ),
                name="class_decided_by_two_roles",
            ),
        ),
        migrations.AddConstraint(
            model_name="decidedfrom",
            constraint=models.UniqueConstraint(fields=("decision", "route"), name="decided_from_once"),
        ),
    ]

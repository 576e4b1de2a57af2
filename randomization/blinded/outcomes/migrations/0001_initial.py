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
            name="Handover",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("signed_by", models.CharField(max_length=64)),
                ("signed_at", models.DateTimeField()),
                ("to", models.CharField(max_length=64)),
                ("shown", models.TextField()),
                ("signature", models.UUIDField(unique=True)),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="handovers", to="sites.site"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Milestone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("discharge", "discharge"),
                            ("death", "death"),
                            ("lost to follow-up", "lost to follow-up"),
                        ],
                        max_length=24,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("recorded_by", models.CharField(max_length=64)),
                ("recorded_at", models.DateTimeField()),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="milestones",
                        to="screening.participant",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SofaDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.PositiveSmallIntegerField()),
                ("respiration", models.PositiveSmallIntegerField()),
                ("coagulation", models.PositiveSmallIntegerField()),
                ("liver", models.PositiveSmallIntegerField()),
                ("cardiovascular", models.PositiveSmallIntegerField()),
                ("nervous", models.PositiveSmallIntegerField()),
                ("renal", models.PositiveSmallIntegerField()),
                ("recorded_by", models.CharField(max_length=64)),
                ("recorded_at", models.DateTimeField()),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sofa_days",
                        to="screening.participant",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["participant", "day"], name="sofa_participant_day")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("day__gte", 1), ("day__lte", 15)), name="sofa_day_of_the_course"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cardiovascular__lte", 4),
                            ("coagulation__lte", 4),
                            ("liver__lte", 4),
                            ("nervous__lte", 4),
                            ("renal__lte", 4),
                            ("respiration__lte", 4),
                        ),
                        name="sofa_organ_up_to_4",
                    ),
                ],
            },
        ),
    ]

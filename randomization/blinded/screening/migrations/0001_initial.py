import uuid

import django.db.models.deletion
from django.db import migrations, models

import randomization.blinded.screening.states


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("sites", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Assessment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("answers", models.TextField()),
                ("sex", models.CharField(choices=[("female", "female"), ("male", "male")], max_length=8)),
                ("year_of_birth", models.PositiveSmallIntegerField()),
                ("neutrophils_per_mm3", models.PositiveIntegerField()),
                ("recorded_by", models.CharField(max_length=64)),
                ("recorded_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Confirmation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("signature", models.UUIDField(unique=True)),
                ("signed_by", models.CharField(max_length=64)),
                ("signed_at", models.DateTimeField()),
                ("content_hash", models.CharField(max_length=64)),
                ("eligible", models.BooleanField()),
                ("reasons", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "given_by",
                    models.CharField(choices=[("patient", "patient"), ("next_of_kin", "next of kin")], max_length=16),
                ),
                ("relation", models.CharField(blank=True, max_length=64)),
                ("form_version", models.CharField(max_length=16)),
                ("given_at", models.DateTimeField()),
                ("taken_by", models.CharField(max_length=64)),
                ("recorded_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Participant",
            fields=[
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("number", models.CharField(max_length=12, unique=True)),
                ("order", models.PositiveIntegerField()),
                ("sepsis_at", models.DateTimeField()),
                ("screened_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("screening", "screening"),
                            ("not_eligible", "not_eligible"),
                            ("eligible", "eligible"),
                            ("allocated", "allocated"),
                            ("withdrawn", "withdrawn"),
                        ],
                        max_length=16,
                    ),
                ),
                ("person_uid", models.UUIDField(db_index=True, default=uuid.uuid4)),
                (
                    "assessment",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="screening.assessment",
                    ),
                ),
                (
                    "confirmation",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="screening.confirmation",
                    ),
                ),
                (
                    "consent",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="screening.consent"
                    ),
                ),
                (
                    "earlier",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="screening.participant"
                    ),
                ),
                (
                    "home",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="enrolled", to="sites.site"
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="participants", to="sites.site"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "participant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="draft",
                        serialize=False,
                        to="screening.participant",
                    ),
                ),
                ("answers", models.TextField()),
                ("saved_by", models.CharField(max_length=64)),
                ("saved_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="consent",
            name="participant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="consents", to="screening.participant"
            ),
        ),
        migrations.AddField(
            model_name="confirmation",
            name="participant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="confirmations", to="screening.participant"
            ),
        ),
        migrations.CreateModel(
            name="Attestation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sex", models.CharField(max_length=8)),
                ("year_of_birth", models.PositiveSmallIntegerField()),
                ("is_randomised_elsewhere", models.BooleanField()),
                ("attested_by", models.CharField(max_length=64)),
                ("attested_at", models.DateTimeField()),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attestations",
                        to="screening.participant",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="assessment",
            name="participant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="assessments", to="screening.participant"
            ),
        ),
        migrations.CreateModel(
            name="LaterConsent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "answer",
                    models.CharField(
                        choices=[("given", "given"), ("refused", "refused"), ("not possible", "not possible")],
                        max_length=16,
                    ),
                ),
                ("form_version", models.CharField(max_length=16)),
                ("answered_at", models.DateTimeField()),
                ("taken_by", models.CharField(max_length=64)),
                ("recorded_at", models.DateTimeField()),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="later_consents",
                        to="screening.participant",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Sample",
            fields=[
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("covid19", models.BooleanField()),
                ("drawn_at", models.DateTimeField()),
                ("shipped_at", models.DateTimeField(null=True)),
                ("received_at", models.DateTimeField(null=True)),
                (
                    "verdict",
                    models.CharField(
                        choices=[("pending", "pending"), ("eligible", "eligible"), ("not eligible", "not eligible")],
                        default="pending",
                        max_length=16,
                    ),
                ),
                ("verdict_uid", models.UUIDField(null=True)),
                ("stratum_uid", models.UUIDField(null=True)),
                ("unusable_at", models.DateTimeField(null=True)),
                ("was_judged_with_covid19", models.BooleanField(default=False)),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="samples", to="screening.participant"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="participant",
            name="sample",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="screening.sample"
            ),
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("recorded_by", models.CharField(max_length=64)),
                ("signature", models.UUIDField(unique=True)),
                (
                    "from_site",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sites.site"),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers",
                        to="screening.participant",
                    ),
                ),
                (
                    "to_site",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sites.site"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Withdrawal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("treatment", "treatment"),
                            ("follow-up", "follow-up"),
                            ("data", "further use of data"),
                        ],
                        max_length=16,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("recorded_by", models.CharField(max_length=64)),
                ("recorded_at", models.DateTimeField()),
                ("signature", models.UUIDField()),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="withdrawals",
                        to="screening.participant",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Deviation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("sample shipped late", "Sample Late"),
                            ("sample before consent", "Sample Before Consent"),
                            ("first dose late", "First Dose Late"),
                            ("dose outside its window", "Dose Outside Window"),
                            ("dose too soon after the one before", "Dose Too Soon"),
                            ("dose missed", "Dose Missed"),
                            ("given after its use-before time", "Syringe Expired"),
                            ("given from a void syringe", "Syringe Void"),
                            ("envelope against the protocol", "Envelope"),
                        ],
                        max_length=40,
                    ),
                ),
                ("about", models.CharField(max_length=40)),
                ("arose_at", models.DateTimeField()),
                ("explained_at", models.DateTimeField(null=True)),
                ("explained_by", models.CharField(blank=True, max_length=64)),
                ("lifted_at", models.DateTimeField(null=True)),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deviations",
                        to="screening.participant",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["arose_at"], name="deviation_arose")],
                "constraints": [
                    models.UniqueConstraint(fields=("participant", "kind", "about"), name="deviation_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SamePerson",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sex", models.CharField(max_length=8)),
                ("year_of_birth", models.PositiveSmallIntegerField()),
                ("is_same", models.BooleanField()),
                ("answered_by", models.CharField(max_length=64)),
                ("answered_at", models.DateTimeField()),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="screening.participant"
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="likenesses",
                        to="screening.participant",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("participant", models.F("other")), _negated=True),
                        name="two_participants_compared",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="sample",
            constraint=models.CheckConstraint(
                condition=models.Q(("unusable_at", None), ("verdict_uid", None), _connector="OR"),
                name="judged_sample_is_usable",
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.UniqueConstraint(fields=("home", "order"), name="participant_order_once"),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", randomization.blinded.screening.states.State["ALLOCATED"])),
                fields=("person_uid",),
                name="one_allocation_a_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="withdrawal",
            constraint=models.UniqueConstraint(fields=("participant", "scope"), name="withdrawal_once"),
        ),
    ]

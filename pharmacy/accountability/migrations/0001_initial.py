import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("preparation", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Query",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("site_code", models.CharField(max_length=4)),
                ("subject", models.CharField(max_length=64)),
                ("raised_by", models.CharField(max_length=64)),
                ("raised_at", models.DateTimeField()),
                ("answered_by", models.CharField(blank=True, max_length=64)),
                ("answered_at", models.DateTimeField(null=True)),
                ("closed_by", models.CharField(blank=True, max_length=64)),
                ("closed_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name_plural": "queries",
            },
        ),
        migrations.CreateModel(
            name="SyringeReturn",
            fields=[
                (
                    "preparation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="preparation.preparation",
                    ),
                ),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="SignOff",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("site_code", models.CharField(max_length=4)),
                ("sha256", models.CharField(max_length=64)),
                ("unexplained", models.PositiveIntegerField()),
                ("signed_by", models.CharField(max_length=64)),
                ("signed_at", models.DateTimeField()),
                ("signature", models.UUIDField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("signature",), name="sign_off_by_one_signature")],
            },
        ),
        migrations.CreateModel(
            name="SyringeDestruction",
            fields=[
                (
                    "returned",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="destruction",
                        serialize=False,
                        to="accountability.syringereturn",
                    ),
                ),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=64)),
            ],
        ),
    ]

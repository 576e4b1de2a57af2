from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Applied",
            fields=[
                ("number", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("uid", models.UUIDField(unique=True)),
                ("outcome", models.CharField(choices=[("applied", "applied"), ("refused", "refused")], max_length=8)),
                ("detail", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField()),
                ("digest", models.CharField(max_length=64)),
                ("signature", models.CharField(max_length=128, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="Cursor",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("last", models.PositiveBigIntegerField(default=0)),
                (
                    "digest",
                    models.CharField(
                        default="0000000000000000000000000000000000000000000000000000000000000000", max_length=64
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Parked",
            fields=[
                ("number", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("uid", models.UUIDField(unique=True)),
                ("subject", models.CharField(max_length=64)),
                ("detail", models.CharField(max_length=200)),
                ("since", models.DateTimeField()),
                ("digest", models.CharField(max_length=64)),
                ("signature", models.CharField(max_length=128, unique=True)),
            ],
        ),
    ]

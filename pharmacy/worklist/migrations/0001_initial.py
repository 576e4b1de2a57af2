from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Acknowledgement",
            fields=[
                ("kit_code", models.CharField(max_length=8, primary_key=True, serialize=False)),
                ("user_name", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Call",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kit_code", models.CharField(max_length=8)),
                ("site_code", models.CharField(max_length=4)),
                ("order", models.PositiveSmallIntegerField()),
                ("user_name", models.CharField(max_length=64)),
                ("called_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("kit_code", "order"), name="duty_call_once")],
            },
        ),
        migrations.CreateModel(
            name="NightSheet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("site_code", models.CharField(max_length=4)),
                ("day", models.DateField()),
                ("content", models.BinaryField()),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("site_code", "day"), name="night_sheet_once_a_day")],
            },
        ),
    ]

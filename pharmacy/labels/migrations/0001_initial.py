from django.db import migrations, models

import pharmacy.labels.media


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Print",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pack_code", models.CharField(max_length=8)),
                ("copy", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("syringe", "syringe"), ("bag", "bag")],
                        default=pharmacy.labels.media.LabelKind["SYRINGE"],
                        max_length=8,
                    ),
                ),
                ("medium", models.CharField(choices=[("roll", "roll"), ("zpl", "zpl"), ("a4", "a4")], max_length=4)),
                ("printed_by", models.CharField(max_length=64)),
                ("printed_at", models.DateTimeField()),
                ("sha256", models.CharField(max_length=64)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("pack_code", "kind", "copy"), name="print_copy_once")],
            },
        ),
    ]

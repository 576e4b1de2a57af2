"""The site that screened is always known; transfers to another one."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("screening", "0004_home")]

    operations = [
        migrations.AlterField(
            model_name="participant",
            name="home",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="enrolled", to="sites.site"
            ),
        ),
        migrations.RemoveConstraint(model_name="participant", name="participant_order_once"),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.UniqueConstraint(fields=("home", "order"), name="participant_order_once"),
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
    ]

from typing import Any

from django.db import migrations, models

import pharmacy.preparation.states
from randomization.shared import clock


def told_before(apps: Any, schema_editor: Any) -> None:
    """What was shown before this migration stays shown; what is released for later is announced again when due."""
    preparations = apps.get_model("preparation", "Preparation").objects.using(schema_editor.connection.alias)
    told = preparations.filter(released_at__isnull=False, ready_at__lte=clock.now())
    told.update(shown_at=models.F("ready_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("preparation", "0002_void_causes_and_label_facts"),
    ]

    operations = [
        migrations.AddField(
            model_name="preparation",
            name="cause_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="preparation",
            name="shown_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="preparation",
            name="void_cause",
            field=models.CharField(
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
        migrations.AlterField(
            model_name="risktoblind",
            name="kind",
            field=models.CharField(
                choices=[
                    ("handed over now", "handed over now"),
                    ("prepared while a product was missing", "prepared while a product was missing"),
                    ("shown later than fixed", "shown later than fixed"),
                    ("voided by a person", "voided by a person"),
                ],
                max_length=48,
            ),
        ),
        migrations.RunPython(told_before, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="preparation",
            constraint=models.CheckConstraint(
                condition=models.Q(("shown_at", None), ("released_at__isnull", False), _connector="OR"),
                name="shown_once_released",
            ),
        ),
        migrations.AddConstraint(
            model_name="preparation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("cause_at", None),
                    ("state", pharmacy.preparation.states.PreparationState["VOIDED"]),
                    _connector="OR",
                ),
                name="only_what_is_void_has_a_cause",
            ),
        ),
    ]

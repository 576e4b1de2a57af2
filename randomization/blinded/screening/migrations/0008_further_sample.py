"""A sample that cannot be judged, and whether a verdict with COVID-19 was told here."""

from django.db import migrations, models


def note_verdicts_with_covid19(apps, schema_editor):
    samples = apps.get_model("screening", "Sample").objects.using(schema_editor.connection.alias)
    samples.filter(covid19=True, verdict_uid__isnull=False).update(was_judged_with_covid19=True)


class Migration(migrations.Migration):
    dependencies = [("screening", "0007_person_known")]

    operations = [
        migrations.AddField(model_name="sample", name="unusable_at", field=models.DateTimeField(null=True)),
        migrations.AddField(
            model_name="sample", name="was_judged_with_covid19", field=models.BooleanField(default=False)
        ),
        migrations.RunPython(note_verdicts_with_covid19, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="sample",
            constraint=models.CheckConstraint(
                condition=models.Q(("unusable_at", None), ("verdict_uid", None), _connector="OR"),
                name="judged_sample_is_usable",
            ),
        ),
    ]

"""Lot numbers and recalls are compared in their canonical form: Greek letters, small letters and hyphens are no other lot.

Two lots of a site and product that are one lot under this rule stop the migration, which names them: their balances
and holds belong to one pack of goods, and a person has to say which.
"""

from django.db import migrations, models

from randomization.shared.canonicalfield import CanonicalField, rewrite_canonical


def fill(apps, schema_editor):
    for name in ("Lot", "Recall"):
        rewrite_canonical(schema_editor, apps.get_model("stock", name))
    seen = {}
    for lot in apps.get_model("stock", "Lot").objects.using(schema_editor.connection.alias).order_by("pk"):
        key = (lot.site_code, lot.product, lot.canonical_number)
        if key in seen:
            raise ValueError(
                f"{lot.site_code}, {lot.product}: the lots {seen[key]!r} and {lot.number!r} are one lot, typed in two "
                "ways. Have the pharmacy return or destroy the units of one of them, and ask the maintainers."
            )
        seen[key] = lot.number


class Migration(migrations.Migration):
    dependencies = [("stock", "0002_recalls_and_expiry_corrections")]

    operations = [
        migrations.RemoveConstraint(model_name="lot", name="lot_once"),
        migrations.AddField(
            model_name="lot",
            name="canonical_number",
            field=CanonicalField(default="", editable=False, max_length=576, of="number"),
        ),
        migrations.AddField(
            model_name="recall",
            name="canonical_number",
            field=CanonicalField(db_index=True, default="", editable=False, max_length=576, of="number"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="lot",
            constraint=models.UniqueConstraint(fields=("site_code", "product", "canonical_number"), name="lot_once"),
        ),
    ]

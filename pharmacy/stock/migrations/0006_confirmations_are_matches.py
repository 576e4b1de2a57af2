"""What was a confirmation is a match since."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("stock", "0005_consignments_of_earlier_receipts")]

    operations = [migrations.DeleteModel(name="Confirmation")]

"""Every receipt so far becomes a consignment; provisional ones that were booked in are matched to their note."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from randomization.shared.ids import new_kit_code

RECEIPTS = ("receipt", "provisional receipt")


def consignments(apps: Any, schema_editor: Any) -> None:
    """A code for what each receipt brought; its label is printed from the page of the lot."""
    alias = schema_editor.connection.alias
    models = {name: apps.get_model("stock", name) for name in ("Movement", "Consignment", "Confirmation")}
    taken: set[str] = set()
    for movement in models["Movement"].objects.using(alias).filter(kind__in=RECEIPTS).order_by("id"):
        code = new_kit_code(taken)
        taken.add(code)
        models["Consignment"].objects.using(alias).create(
            code=code,
            lot_id=movement.lot_id,
            movement=movement,
            units=movement.quantity,
            delivery_note=movement.reference,
            received_at=movement.at,
        )
    matched = apps.get_model("stock", "MatchedReceipt").objects.using(alias)
    for confirmation in models["Confirmation"].objects.using(alias).select_related("movement").order_by("at"):
        matched.create(
            provisional=confirmation.movement,
            units=confirmation.movement.quantity,
            delivery_note=confirmation.delivery_note,
            at=confirmation.at,
            by=confirmation.by,
        )


class Migration(migrations.Migration):
    dependencies = [("stock", "0004_consignments_debts_and_strikes")]

    operations = [migrations.RunPython(consignments, migrations.RunPython.noop)]

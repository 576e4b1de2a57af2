"""Django's entry for this room."""

from django.apps import AppConfig


class StockConfig(AppConfig):
    name = "pharmacy.stock"
    label = "stock"
    default_auto_field = "django.db.models.BigAutoField"

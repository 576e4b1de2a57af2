"""Addresses of stock."""

from django.urls import path

from pharmacy.stock.api import cartons as api_cartons
from pharmacy.stock.api import destruction as api_destruction
from pharmacy.stock.api import expected as api_expected
from pharmacy.stock.api import ledger as api_ledger
from pharmacy.stock.api import quarantine as api_quarantine
from pharmacy.stock.api import removals as api_removals
from pharmacy.stock.web import cartons, destruction, ledger, lots, ordering, quarantine, removals

urlpatterns = [
    path("pharmacy/stock/", ledger.stock, name="stock"),
    path("pharmacy/stock/receive/", ledger.Receive.as_view(), name="receive"),
    path("pharmacy/stock/provisional/", ledger.Provisional.as_view(), name="provisional"),
    path("pharmacy/stock/receipts/<int:movement_id>/", ledger.Confirm.as_view(), name="confirm_receipt"),
    path("pharmacy/stock/lots/<int:lot_id>/", ledger.lot, name="lot"),
    path("pharmacy/stock/lots/<int:lot_id>/write-off/", lots.WriteOffPage.as_view(), name="write_off"),
    path("pharmacy/stock/lots/<int:lot_id>/count/", lots.Count.as_view(), name="count"),
    path("pharmacy/stock/lots/<int:lot_id>/expiry/", lots.CorrectExpiry.as_view(), name="correct_expiry"),
    path("pharmacy/stock/lots/<int:lot_id>/mixed/", lots.Mixed.as_view(), name="mixed"),
    path("pharmacy/stock/consignments/<str:code>/label.pdf", ledger.shelf_label_pdf, name="shelf_label"),
    path("pharmacy/stock/hold/", quarantine.PutOnHold.as_view(), name="put_on_hold"),
    path("pharmacy/stock/cartons/", cartons.cartons, name="cartons"),
    path("pharmacy/stock/cartons/open/", cartons.OpenCarton.as_view(), name="open_carton"),
    path("pharmacy/stock/cartons/<int:carton_id>/close/", cartons.close, name="close_carton"),
    path("pharmacy/stock/cartons/<int:carton_id>/error/", cartons.OpenedInError.as_view(), name="carton_in_error"),
    path("pharmacy/stock/articles/", cartons.Articles.as_view(), name="articles"),
    path(
        "pharmacy/stock/articles/<int:article_id>/withdraw/", cartons.WithdrawArticle.as_view(), name="withdraw_article"
    ),
    path("pharmacy/stock/excursion/", quarantine.Excursion.as_view(), name="excursion"),
    path("pharmacy/stock/holds/<int:hold_id>/", quarantine.Decide.as_view(), name="decide"),
    path("pharmacy/stock/lots/<int:lot_id>/destruction/", ordering.DestroyLot.as_view(), name="destroy_lot"),
    path("pharmacy/stock/holds/<int:hold_id>/destruction/", ordering.DestroyHeld.as_view(), name="destroy_held"),
    path("pharmacy/returns/<str:site_code>/destruction/", ordering.DestroyReturned.as_view(), name="destroy_returned"),
    path("pharmacy/destructions/", destruction.destructions, name="destructions"),
    path("pharmacy/destructions/find/", ordering.Find.as_view(), name="find_to_destroy"),
    path("pharmacy/destructions/<int:order_id>/", destruction.Destroy.as_view(), name="destroy"),
    path("pharmacy/destructions/<int:order_id>/cancel/", destruction.Cancel.as_view(), name="cancel_destruction"),
    path("pharmacy/removals/", removals.removals, name="removals"),
    path("pharmacy/removals/<int:removal_id>/", removals.Decide.as_view(), name="decide_removal"),
    path("pharmacy/recall/", quarantine.Recall.as_view(), name="recall"),
    path("pharmacy/supply/", quarantine.Supply.as_view(), name="supply"),
]
api_urlpatterns = [
    path("pharmacy/stock/", api_ledger.Stock.as_view(), name="api_stock"),
    path("pharmacy/stock/receipts/<int:movement_id>/", api_ledger.Confirmation.as_view(), name="api_confirm_receipt"),
    path("pharmacy/stock/receipts/", api_ledger.Receipts.as_view(), name="api_receipts"),
    path("pharmacy/stock/lots/<int:lot_id>/consignments/", api_ledger.Consignments.as_view(), name="api_consignments"),
    path("pharmacy/stock/lots/<int:lot_id>/mixing/", api_quarantine.Mixings.as_view(), name="api_mixed"),
    path("pharmacy/stock/consignments/<str:code>/label.pdf", api_ledger.ShelfLabel.as_view(), name="api_shelf_label"),
    path("pharmacy/stock/holds/", api_quarantine.Holds.as_view(), name="api_put_on_hold"),
    path("pharmacy/stock/expected-voids/", api_expected.ExpectedVoids.as_view(), name="api_expected_voids"),
    path("pharmacy/stock/lots/<int:lot_id>/expiry/", api_ledger.Expiry.as_view(), name="api_correct_expiry"),
    path("pharmacy/stock/lots/<int:lot_id>/movements/", api_ledger.Movements.as_view(), name="api_movements"),
    path("pharmacy/stock/cartons/", api_cartons.Cartons.as_view(), name="api_cartons"),
    path("pharmacy/stock/cartons/<int:carton_id>/closing/", api_cartons.CartonClosing.as_view(), name="api_closing"),
    path(
        "pharmacy/stock/cartons/<int:carton_id>/error/", api_cartons.CartonInError.as_view(), name="api_carton_in_error"
    ),
    path("pharmacy/stock/articles/", api_cartons.Articles.as_view(), name="api_articles"),
    path(
        "pharmacy/stock/articles/<int:article_id>/withdrawal/",
        api_cartons.ArticleWithdrawal.as_view(),
        name="api_withdraw_article",
    ),
    path("pharmacy/stock/excursions/", api_quarantine.Excursions.as_view(), name="api_excursions"),
    path("pharmacy/stock/holds/<int:hold_id>/decision/", api_quarantine.Decisions.as_view(), name="api_decisions"),
    path("pharmacy/stock/recalls/", api_quarantine.Recalls.as_view(), name="api_recalls"),
    path("pharmacy/stock/order/", api_ledger.Resupply.as_view(), name="api_order"),
    path("pharmacy/returns/destruction/", api_destruction.ReturnedOrders.as_view(), name="api_destroy_returned"),
    path("pharmacy/destructions/", api_destruction.Orders.as_view(), name="api_destructions"),
    path("pharmacy/destructions/<int:order_id>/execution/", api_destruction.Execution.as_view(), name="api_destroy"),
    path(
        "pharmacy/destructions/<int:order_id>/cancellation/",
        api_destruction.Cancellation.as_view(),
        name="api_cancel_destruction",
    ),
    path("pharmacy/removals/", api_removals.Removals.as_view(), name="api_removals"),
    path(
        "pharmacy/removals/<int:removal_id>/decision/",
        api_removals.RemovalDecision.as_view(),
        name="api_decide_removal",
    ),
    path("pharmacy/supply/", api_quarantine.Supply.as_view(), name="api_supply"),
]

"""Addresses of accountability."""

from django.urls import path

from pharmacy.accountability import api, web

urlpatterns = [
    path("pharmacy/accountability/", web.reports, name="accountabilities"),
    path("pharmacy/accountability/report.csv", web.all_as_csv, name="accountabilities_csv"),
    path("pharmacy/accountability/<str:site_code>/", web.report, name="accountability"),
    path("pharmacy/accountability/<str:site_code>/report.pdf", web.pdf, name="accountability_pdf"),
    path("pharmacy/accountability/<str:site_code>/report.csv", web.as_csv, name="accountability_csv"),
    path("pharmacy/accountability/<str:site_code>/sign/", web.Sign.as_view(), name="accountability_sign"),
    path("pharmacy/accountability/<str:site_code>/queries/", web.Ask.as_view(), name="query"),
    path("pharmacy/accountability/<str:site_code>/queries/<int:query_id>/", web.Answer.as_view(), name="answer"),
    path("pharmacy/accountability/<str:site_code>/queries/<int:query_id>/close/", web.close, name="close_query"),
    path("pharmacy/returns/", web.TakeBack.as_view(), name="take_back"),
]
api_urlpatterns = [
    path("pharmacy/accountability/", api.Reports.as_view(), name="api_accountabilities"),
    path("pharmacy/accountability/<str:site_code>/", api.OneReport.as_view(), name="api_accountability"),
    path("pharmacy/accountability/<str:site_code>/report.pdf", api.ReportPdf.as_view(), name="api_accountability_pdf"),
    path("pharmacy/accountability/<str:site_code>/report.csv", api.ReportCsv.as_view(), name="api_accountability_csv"),
    path("pharmacy/accountability/<str:site_code>/queries/", api.Queries.as_view(), name="api_queries"),
    path("pharmacy/accountability/<str:site_code>/queries/<int:query_id>/", api.OneQuery.as_view(), name="api_query"),
    path("pharmacy/accountability/<str:site_code>/sign-offs/", api.SignOffs.as_view(), name="api_sign_offs"),
    path("pharmacy/returns/", api.Returns.as_view(), name="api_returns"),
]

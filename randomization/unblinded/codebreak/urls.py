"""Addresses of the code break."""

from django.urls import path

from randomization.unblinded.codebreak import api, web

urlpatterns = [
    path("code-break/", web.BreakCodePage.as_view(), name="break_code"),
    path("code-break/drill/", web.Drill.as_view(), name="drill"),
    path("code-break/third-party/", web.Invite.as_view(), name="invite_third_party"),
    path("code-break/offline/", web.EnterOfflinePage.as_view(), name="enter_offline"),
    path("code-break/report/", web.report, name="unblindings"),
    path("code-break/report.csv", web.report_csv, name="unblindings_csv"),
    path("code-break/<uuid:uid>/impact/", web.Assess.as_view(), name="assess_impact"),
    path("told/", web.Told.as_view(), name="told_by_code"),
]
api_urlpatterns = [
    path("code-breaks/", api.CodeBreaks.as_view(), name="api_code_breaks"),
    path("code-breaks/invitations/", api.Invitations.as_view(), name="api_invitations"),
    path("code-breaks/told/", api.Told.as_view(), name="api_told"),
    path("code-breaks/offline/", api.Offline.as_view(), name="api_offline"),
    path("code-breaks/report/", api.Report.as_view(), name="api_unblindings"),
    path("code-breaks/<uuid:uid>/assessments/", api.Assessments.as_view(), name="api_assessments"),
]

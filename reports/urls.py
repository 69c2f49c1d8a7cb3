from django.urls import path

from reports.views import public, reports

urlpatterns = [
    path("betriebe/<int:pk>/berichte/", reports.reports, name="reports"),
    path("durchgaenge/<int:pk>/bericht/", reports.create, name="report_create"),
    path("berichte/<int:pk>/", reports.report, name="report"),
    path("berichte/<int:pk>/stand/", reports.progress, name="report_progress"),
    path("berichte/<int:pk>/pdf/", reports.pdf, name="report_pdf"),
    path("themen/<str:code>/checkliste.pdf", public.aid_sheet, name="aid_sheet"),
    path("berichte/<int:pk>/nochmal/", reports.retry, name="report_retry"),
]

from django.urls import path

from reports import views, views_public

urlpatterns = [
    path("betriebe/<int:pk>/berichte/", views.reports, name="reports"),
    path("durchgaenge/<int:pk>/bericht/", views.create, name="report_create"),
    path("berichte/<int:pk>/", views.report, name="report"),
    path("berichte/<int:pk>/stand/", views.progress, name="report_progress"),
    path("berichte/<int:pk>/pdf/", views.pdf, name="report_pdf"),
    path("themen/<str:code>/checkliste.pdf", views_public.aid_sheet, name="aid_sheet"),
    path("berichte/<int:pk>/nochmal/", views.retry, name="report_retry"),
]

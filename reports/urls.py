from django.urls import path

from reports.views import (
    company,
    council,
    exports,
    minutes,
    public,
    reports,
    shared,
    shares,
    statements,
)

urlpatterns = [
    path("betriebe/<int:pk>/berichte/", reports.reports, name="reports"),
    path("durchgaenge/<int:pk>/bericht/", reports.create, name="report_create"),
    path("berichte/<int:pk>/", reports.report, name="report"),
    path("berichte/<int:pk>/stand/", reports.progress, name="report_progress"),
    path("berichte/<int:pk>/pdf/", reports.pdf, name="report_pdf"),
    path("themen/<str:code>/checkliste.pdf", public.aid_sheet, name="aid_sheet"),
    path("berichte/<int:pk>/nochmal/", reports.retry, name="report_retry"),
    path("berichte/<int:pk>/freigaben/", shares.shares, name="shares"),
    path("berichte/<int:pk>/freigaben/betriebsrat/", shares.council, name="share_council"),
    path("berichte/<int:pk>/freigaben/link/", shares.link, name="share_link"),
    path("freigaben/<int:pk>/beenden/", shares.withdraw, name="share_withdraw"),
    path("berichte/<int:pk>/stellungnahme/", statements.edit, name="statement_edit"),
    path(
        "berichte/<int:pk>/stellungnahme/freigeben/", statements.release, name="statement_release"
    ),
    path("betriebe/<int:pk>/betriebsrat/", council.room, name="council_room"),
    path("betriebe/<int:pk>/betriebsrat/gesehen/", council.visited, name="council_visited"),
    path("betriebe/<int:pk>/export/", company.export, name="company_export"),
    path("betriebe/<int:pk>/loeschen/", company.delete, name="company_delete"),
    path("betriebe/<int:pk>/behalten/", company.keep, name="company_keep"),
    path("sitzungen/<int:pk>/protokoll/", minutes.minutes, name="minutes"),
    path("sitzungen/<int:pk>/abschliessen/", minutes.close, name="minutes_close"),
    path("sitzungen/<int:pk>/protokoll.pdf", minutes.pdf, name="minutes_pdf"),
    path("durchgaenge/<int:pk>/antworten.xlsx", exports.round_xlsx, name="round_xlsx"),
    path("betriebe/<int:pk>/plan.xlsx", exports.plan_xlsx, name="plan_xlsx"),
    path("betriebe/<int:pk>/massnahmen.csv", exports.plan_csv, name="plan_csv"),
    # For whoever holds a link.
    path("freigabe/<str:token>/", shared.shared, name="shared"),
    path("freigabe/bericht/<int:pk>/", shared.report, name="shared_report"),
    path("freigabe/bericht/<int:pk>/pdf/", shared.pdf, name="shared_pdf"),
]

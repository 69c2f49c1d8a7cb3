from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from portal import account, legal, pages, style, trial

# The operator logs in like everybody else, second factor included.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", pages.start, name="start"),
    path("uebersicht/", pages.home, name="home"),
    path("themen/<str:code>/beantworten/", pages.answer_topic, name="answer_topic"),
    path("betriebe/<int:pk>/", pages.company, name="company"),
    path("betriebe/<int:pk>/<slug:page>/aktuell/", pages.latest, name="latest"),
    path("konto/meine-daten/", account.my_data, name="my_data"),
    path("konto/meine-daten/datei/", account.my_data_file, name="my_data_file"),
    path("konto/loeschen/", account.delete, name="account_delete"),
    path("konto/geloescht/", account.deleted, name="account_deleted"),
    path("probe/", trial.trial, name="trial"),
    path("probe/behalten/", trial.keep, name="trial_keep"),
    path("probe/verwerfen/", trial.discard, name="trial_discard"),
    path("impressum/", legal.imprint, name="imprint"),
    path("datenschutz/", legal.privacy, name="privacy"),
    path("auftragsverarbeitung/", legal.contract, name="processing_contract"),
    path("auftragsverarbeitung/datei/", legal.contract_file, name="processing_contract_file"),
    path("verantwortung/", legal.responsibility, name="responsibility"),
    path("aufbewahrung/", legal.retention, name="retention"),
    path("barrierefreiheit/", legal.accessibility, name="accessibility"),
    path("tastatur/", legal.keyboard, name="keyboard"),
    path("", include("portal.accounts.urls")),
    path("", include("checklists.urls")),
    path("", include("reports.urls")),
    path("konto/", include("allauth.urls")),
    path("betrieb-des-portals/", admin.site.urls),
    path("suche/", pages.search, name="search"),
    path("postfach/", pages.mailbox, name="mailbox"),
    path("stil/", style.style, name="style"),
    path("healthz", pages.healthz, name="healthz"),
    path("readyz", pages.readyz, name="readyz"),
]

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from portal import pages

# The operator logs in like everybody else, second factor included.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", pages.start, name="start"),
    path("uebersicht/", pages.home, name="home"),
    path("betriebe/<int:pk>/", pages.company, name="company"),
    path("", include("portal.accounts.urls")),
    path("", include("checklists.urls")),
    path("", include("reports.urls")),
    path("konto/", include("allauth.urls")),
    path("betrieb-des-portals/", admin.site.urls),
    path("postfach/", pages.mailbox, name="mailbox"),
    path("healthz", pages.healthz, name="healthz"),
    path("readyz", pages.readyz, name="readyz"),
]

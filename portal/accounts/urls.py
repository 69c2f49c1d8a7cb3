from django.urls import path

from portal.accounts.views import companies

urlpatterns = [
    path("betriebe/", companies.companies, name="companies"),
    path("betriebe/neu/", companies.create, name="company_create"),
    path("betriebe/<int:pk>/aendern/", companies.edit, name="company_edit"),
]

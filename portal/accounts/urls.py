from django.urls import path

from portal.accounts import views

urlpatterns = [
    path("betriebe/", views.companies, name="companies"),
    path("betriebe/neu/", views.create, name="company_create"),
    path("betriebe/<int:pk>/aendern/", views.edit, name="company_edit"),
]

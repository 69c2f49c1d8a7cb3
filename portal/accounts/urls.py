from django.urls import path

from portal.accounts.views import account, companies, engagements, invitations, members

urlpatterns = [
    path("konto/mails/", account.mails, name="mail_settings"),
    path("betriebe/", companies.companies, name="companies"),
    path("betriebe/neu/", companies.create, name="company_create"),
    path("betriebe/<int:pk>/aendern/", companies.edit, name="company_edit"),
    path("betriebe/<int:pk>/logo/", companies.logo, name="company_logo"),
    path("betriebe/<int:pk>/logo/neu/", companies.put_logo, name="company_logo_put"),
    path("betriebe/<int:pk>/logo/entfernen/", companies.remove_logo, name="company_logo_remove"),
    path(
        "betriebe/<int:pk>/erste-schritte/ausblenden/",
        companies.put_first_steps_away,
        name="first_steps_away",
    ),
    path("betriebe/<int:pk>/betriebsrat-ja-nein/", companies.council, name="company_council"),
    path("betriebe/<int:pk>/leute/", members.members, name="members"),
    path("betriebe/<int:pk>/rechte/", members.log, name="authority_log"),
    path("mitglieder/<int:pk>/rolle/", members.role, name="membership_role"),
    path("mitglieder/<int:pk>/beenden/", members.end, name="membership_end"),
    path("mitglieder/<int:pk>/behalten/", members.keep, name="membership_keep"),
    path("betriebe/<int:pk>/einladen/", invitations.create, name="invitation_create"),
    path("einladungen/<int:pk>/erneut/", invitations.renew, name="invitation_renew"),
    path("einladungen/<int:pk>/zurueckziehen/", invitations.withdraw, name="invitation_withdraw"),
    path("einladungen/<int:pk>/annehmen/", invitations.accept_own, name="invitation_accept_own"),
    path("einladung/<str:token>/", invitations.invitation, name="invitation"),
    path("betriebe/<int:pk>/beratung/", engagements.engagements, name="engagements"),
    path("betriebe/<int:pk>/beratung/neu/", engagements.create, name="engagement_create"),
    path("mandate/<int:pk>/aendern/", engagements.edit, name="engagement_edit"),
    path("mandate/<int:pk>/beenden/", engagements.end, name="engagement_end"),
    path("beratung/mandate/<int:pk>/annehmen/", engagements.accept, name="engagement_accept"),
    path("beratung/mandate/<int:pk>/ablegen/", engagements.leave, name="engagement_leave"),
]

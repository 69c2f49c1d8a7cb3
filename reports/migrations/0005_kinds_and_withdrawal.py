from __future__ import annotations

from typing import Any

from django.db import migrations, models
from django.db.models import Q

from portal.accounts.tokens import derived_token, hashed


def give_tokens(apps: Any, _editor: Any) -> None:
    for report in apps.get_model("reports", "Report").objects.only("company_id", "number"):
        report.token_hash = hashed(derived_token("report", report.company_id, report.number))
        report.save(update_fields=["token_hash"])


class Migration(migrations.Migration):
    dependencies = [("reports", "0004_statement_version")]

    operations = [
        migrations.AddField(
            "report",
            "kind",
            models.CharField(
                max_length=10,
                choices=[
                    ("action", "Aktionsbericht"),
                    ("short", "Kurzbericht"),
                    ("council", "Betriebsratsfassung"),
                    ("consulting", "Beratungsvorbereitung"),
                    ("answers", "Antwortbogen"),
                ],
                default="action",
            ),
        ),
        migrations.AlterField(
            "report", "content", models.JSONField(help_text="Empty once it is withdrawn")
        ),
        migrations.AlterField(
            "report",
            "state",
            models.CharField(
                max_length=9,
                choices=[
                    ("queued", "wartet"),
                    ("running", "wird gesetzt"),
                    ("done", "fertig"),
                    ("failed", "fehlgeschlagen"),
                    ("cancelled", "abgebrochen"),
                    ("withdrawn", "zurückgezogen"),
                ],
                default="queued",
            ),
        ),
        migrations.AddField("report", "withdrawn_at", models.DateTimeField(null=True, blank=True)),
        migrations.AddField(
            "report",
            "withdrawn_why",
            models.CharField(max_length=200, blank=True, verbose_name="Warum"),
        ),
        migrations.AddField("report", "token_hash", models.CharField(max_length=64, null=True)),
        migrations.RunPython(give_tokens, migrations.RunPython.noop),
        migrations.AlterField("report", "token_hash", models.CharField(max_length=64, unique=True)),
        migrations.AddField("report", "release", models.CharField(max_length=16, blank=True)),
        migrations.AddConstraint(
            "report",
            models.CheckConstraint(
                condition=(Q(state="withdrawn", pdf="") & Q(withdrawn_at__isnull=False))
                | (~Q(state="withdrawn") & Q(withdrawn_at=None)),
                name="report_withdrawn_has_no_pdf",
            ),
        ),
    ]

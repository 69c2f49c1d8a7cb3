from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_companies_by_name")]

    operations = [
        migrations.AddIndex(
            model_name="engagement",
            index=models.Index(
                fields=["email"],
                condition=models.Q(ended_at=None, accepted_at=None),
                name="engagement_offered",
            ),
        ),
    ]

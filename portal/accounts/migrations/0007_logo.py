from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_trial")]

    operations = [
        migrations.AddField(
            model_name="company",
            name="logo",
            field=models.FileField(blank=True, default="", upload_to="logos/", verbose_name="Logo"),
            preserve_default=False,
        ),
    ]

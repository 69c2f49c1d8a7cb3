from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_engagements_offered")]

    operations = [
        migrations.AddField(
            model_name="company",
            name="trial_token_hash",
            field=models.CharField(blank=True, default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="company",
            name="trial_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        # Whoever has been here before does not need to be led.
        migrations.AddField(
            model_name="company",
            name="first_steps_away",
            field=models.BooleanField(default=True),
        ),
        migrations.AlterField(
            model_name="company",
            name="first_steps_away",
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name="company",
            constraint=models.UniqueConstraint(
                condition=models.Q(("trial_token_hash", ""), _negated=True),
                fields=("trial_token_hash",),
                name="company_trial_token_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="company",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("trial_token_hash", ""), ("trial_until", None)),
                    models.Q(
                        models.Q(("trial_token_hash", ""), _negated=True),
                        ("trial_until__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="company_trial_has_token_and_end",
            ),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0013_who_changed_last'),
    ]

    operations = [
        migrations.AddField(
            model_name='signin',
            name='also_identity_id',
            field=models.BigIntegerField(null=True),
        ),
    ]

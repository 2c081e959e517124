from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0012_acting'),
    ]

    operations = [
        migrations.AddField(
            model_name='signin',
            name='also_identity_id',
            field=models.BigIntegerField(null=True),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('live', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='schoolturn',
            name='forgotten_to',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
    ]

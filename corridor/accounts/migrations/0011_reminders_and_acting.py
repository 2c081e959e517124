"""Joins two lines of migrations that began at the same one; changes nothing itself."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_reminders"), ("accounts", "0010_acting")]
    operations = []

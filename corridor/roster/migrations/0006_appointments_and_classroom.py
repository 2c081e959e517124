"""Joins two lines of migrations that began at the same one; changes nothing itself."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("roster", "0005_appointments"), ("roster", "0005_classroom")]
    operations = []

from django.db import migrations

from corridor.accounts.names import searchable


def fill(apps, schema_editor):
    database = schema_editor.connection
    accounts = apps.get_model("accounts", "PassAccount").objects.using(database.alias)
    fields = ("pk", "given_name", "family_name", "display_name")
    rows = accounts.filter(search="").values_list(*fields).order_by("pk")
    statement = "UPDATE accounts_passaccount SET search = %s WHERE id = %s"
    with database.cursor() as cursor:
        cursor.executemany(statement, [(searchable(*names), pk) for pk, *names in rows])


class Migration(migrations.Migration):
    """Everybody who is there already can be found by the words of the name."""

    dependencies = [("accounts", "0004_people")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

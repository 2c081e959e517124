from django.db import migrations

from corridor.accounts.names import searchable


def fill(apps, schema_editor):
    alias = schema_editor.connection.alias
    rooms = apps.get_model("accounts", "ClassroomAccount").objects.using(alias)
    people = apps.get_model("accounts", "PassAccount").objects.using(alias)
    names = {
        (school, email): (given, family)
        for school, email, given, family in people.values_list(
            "school_id", "email", "given_name", "family_name"
        )
    }
    for room in rooms.filter(given_name="").iterator():
        given, _, family = room.display_name.partition(" ")
        room.given_name, room.family_name = names.get(
            (room.school_id, room.email), (given[:80], family[:80])
        )
        room.search = searchable(room.given_name, room.family_name, room.display_name)
        room.save(update_fields=["given_name", "family_name", "search"])


class Migration(migrations.Migration):
    """Who is in Classroom already has the names that Pass knows, else those of what others read."""

    dependencies = [("accounts", "0008_classroom")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

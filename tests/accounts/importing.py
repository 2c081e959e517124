"""Import a text into the school of a test, as an admin does in two steps."""

from typing import Any

from corridor.accounts import imports
from corridor.accounts.importing import Undoing, Used
from corridor.accounts.models import PeopleImport
from corridor.accounts.people_csv import Options, Plan, plan
from corridor.passes.queries import named_since
from corridor.roster.models import School as SchoolRow
from tests.school import School


def planned(school: School, text: str, **options: Any) -> Plan:
    """What importing would do."""
    row = SchoolRow.objects.get(pk=school.id)
    return plan(row, text, Options(**options), but=school.dana.account_id)


def looked_at(school: School, text: str, **options: Any) -> PeopleImport:
    """The file as it is kept between the look and the press."""
    row = SchoolRow.objects.get(pk=school.id)
    kept, _ = imports.look_at(
        row, text, "people.csv", Options(**options), by=school.dana, at=school.clock.at
    )
    return kept


def imported(school: School, text: str, **options: Any) -> PeopleImport:
    """The import, carried out."""
    kept = looked_at(school, text, **options)
    imports.carry_out(kept.pk, by=school.dana)
    kept.refresh_from_db()
    return kept


def used_since(school_id: int, number: int) -> Used:
    """As the face asks it."""
    return Used(*named_since(school_id, number))


def undone(school: School, kept: PeopleImport) -> Undoing:
    """The import, undone."""
    done: Undoing = school.do(imports.undo, kept, used_since, by=school.dana)
    return done

"""Importing people: everything or nothing, in one event; and undone as a whole."""

import threading
from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.db import connection

from corridor.accounts import imports, people
from corridor.accounts.actors import Actor
from corridor.accounts.importing import Contradiction, Used, carry_out
from corridor.accounts.imports import CannotImport, State
from corridor.accounts.limits import limit_student
from corridor.accounts.models import (
    Identity,
    LocationLink,
    PassAccount,
    PeopleImport,
    SignIn,
)
from corridor.accounts.people import change_account, close_account
from corridor.accounts.photos import put_photo
from corridor.accounts.sessions import ACCOUNT, SessionStore
from corridor.accounts.signins import signed_in
from corridor.live.log import read_log, turn
from corridor.passes.apart import keep_apart
from corridor.roster.models import Location
from corridor.roster.settings import Limits
from tests.accounts.importing import imported, looked_at, planned, undone
from tests.school import School
from tests.signed_in import sign_in

TEXT = (
    "id,first name,last name,email,role,grade,room\n"
    "101,Gus,Hall,gus@example.org,student,9,\n"
    "102,Thea,Vance,thea@example.org,teacher,,Room 204\n"
    ",Ana,Lopez-Diaz,ana@example.org,student,10,\n"
    ",Rosa,Rivera,rivera@example.org,staff,,\n"
    ",Obi,Okafor,okafor@example.org,teacher,,\n"
    ",Ikuko,Ito,ito@example.org,staff,,\n"
)


def everything() -> dict[str, list[tuple[object, ...]]]:
    """The people, who signs in, and their places, as they stand in the tables."""
    tables = {
        "accounts_passaccount": "id, email, role, given_name, family_name, display_name, grade,"
        " number, search, closed_at, identity_id",
        "accounts_identity": "id, email",
        "accounts_locationlink": "account_id, location_id, is_personal",
        "roster_location": "id, name, adult_name, archived_at",
    }
    found = {}
    with connection.cursor() as cursor:
        for table, columns in tables.items():
            cursor.execute(f"SELECT {columns} FROM {table}")
            found[table] = sorted(cursor.fetchall(), key=repr)
    return found


def account(key: str) -> PassAccount:
    return PassAccount.objects.get(email=f"{key}@example.org")


def test_new_changed_and_archived_people_and_one_event(a_school: School) -> None:
    before = a_school.last
    kept = imported(a_school, TEXT, archive=True)
    assert imports.counts_of(kept) == {
        "created": 2, "changed": 2, "reopened": 0, "archived": 2, "same": 2,
    }  # fmt: skip
    assert [row.name for row in read_log(a_school.id, before)] == ["people.imported"]
    gus, thea = account("gus"), account("thea")
    assert (gus.number, gus.role, gus.grade) == ("101", "student", "9")
    assert not gus.identity.has_usable_password()
    room = Location.objects.get(links__account=thea, links__is_personal=True)
    assert (room.name, room.adult_name) == ("Room 204 (2)", "Thea Vance")
    assert account("ana").display_name == "Ana Lopez-Diaz"
    assert [one.pk for one in people.students_named(a_school.id, "diaz ana")] == [account("ana").pk]
    assert account("rivera").role == "staff"
    assert account("ben").closed_at is not None
    assert account("eli").closed_at is None


def test_the_second_run_changes_nothing(a_school: School) -> None:
    imported(a_school, TEXT, archive=True)
    plan = planned(a_school, TEXT, archive=True)
    assert (plan.is_nothing, plan.same) == (True, 6)
    with pytest.raises(CannotImport, match="already"):
        imported(a_school, TEXT, archive=True)


def test_what_was_exported_changes_nothing(a_school: School) -> None:
    imported(a_school, TEXT)
    known = people_as_csv(a_school)
    assert planned(a_school, known, archive=True).is_nothing


def people_as_csv(school: School) -> str:
    from django.test import Client

    client = Client()
    sign_in(client, account("dana").identity)
    return client.get("/admin/people/export").content.decode("utf-8-sig")


def test_an_import_is_undone_to_the_letter(a_school: School) -> None:
    a_school.do(close_account, account_id=a_school.cam.account_id, by=a_school.dana)
    before = everything()
    text = TEXT + ",Cam,Nguyen,cam@example.org,student,12,\n,Obi,Okafor,ben@example.org,staff,,\n"
    text = text.replace(",Ikuko,Ito,ito@example.org,staff,,\n", "")
    kept = imported(a_school, text, archive=True)
    assert everything() != before
    done = undone(a_school, kept)
    after = everything()
    ben = a_school.ben.account_id
    links = LocationLink.objects.filter(account_id=ben or 0)
    made = set(links.values_list("location_id", flat=True))
    # A student who was an adult for a while keeps the room as a memory, out of use.
    assert Location.objects.filter(pk__in=made, archived_at__isnull=True).count() == 0
    after["accounts_locationlink"] = [x for x in after["accounts_locationlink"] if x[0] != ben]
    after["roster_location"] = [x for x in after["roster_location"] if x[0] not in made]
    assert after == before
    assert (len(done.removed), done.put_back, done.reopened) == (2, 4, 1)
    assert not Identity.objects.filter(email="gus@example.org").exists()
    kept.refresh_from_db()
    assert (kept.state, kept.before) == (State.UNDONE, "")
    with pytest.raises(Contradiction):
        undone(a_school, kept)


def test_whoever_has_used_a_new_account_is_archived_by_the_undoing(a_school: School) -> None:
    kept = imported(a_school, TEXT)
    gus, thea = account("gus"), account("thea")
    room = LocationLink.objects.get(account=thea).location_id
    actor = people_actor(gus)
    a_school.ask(actor, room)
    done = undone(a_school, kept)
    assert set(done.archived) == {gus.pk, thea.pk}
    assert account("gus").closed_at is not None


def test_what_was_entered_about_new_people_is_not_removed_by_the_undoing(a_school: School) -> None:
    names = ("apart", "limited", "photo", "corrected", "nobody")
    text = "email,first name,last name,role,grade\n"
    kept = imported(a_school, text + "".join(f"{n}@example.org,{n},X,student,9\n" for n in names))
    apart, limited, photo, corrected, nobody = map(account, names)
    by = a_school.dana
    together = (apart.pk, a_school.ben.account_id or 0)
    a_school.do(keep_apart, student_ids=together, note="", last_day=None, by=by)
    a_school.do(limit_student, account_id=limited.pk, limits=Limits(day=1), unlimited=False, by=by)
    a_school.do(put_photo, account_id=photo.pk, picture=b"picture", by=by)
    a_school.do(change_account, corrected, {"grade": "10"}, by=by)
    done = undone(a_school, kept)
    assert set(done.archived) == {apart.pk, limited.pk, photo.pk, corrected.pk}
    assert done.removed == (nobody.pk,)


def people_actor(account: PassAccount) -> Actor:
    return Actor(account.pk, account.school_id, "student", account.display_name, "student")


def test_what_was_changed_since_is_not_lost_by_an_undoing(a_school: School) -> None:
    kept = imported(a_school, TEXT)
    a_school.do(change_account, account("ana"), {"grade": "11"}, by=a_school.dana)
    now = everything()
    would = imports.undoing(kept, lambda school, number: Used())
    assert would.contradicts == ("Ana Lopez-Diaz",)
    with pytest.raises(Contradiction):
        undone(a_school, kept)
    assert everything() == now


def test_sessions_of_the_archived_end(a_school: School) -> None:
    ben = account("ben")
    until = a_school.clock.at + timedelta(days=1)
    SignIn.objects.create(session_key="k", expire_date=until, account=ben, identity=ben.identity)
    imported(a_school, TEXT, archive=True)
    assert not SignIn.objects.exists()


def test_a_change_since_the_look_refuses(a_school: School) -> None:
    kept = looked_at(a_school, TEXT, archive=True)
    a_school.add_student("late", "Late Comer")
    with pytest.raises(CannotImport, match="since you looked"):
        imports.carry_out(kept.pk, by=a_school.dana)
    assert not PassAccount.objects.filter(email="gus@example.org").exists()


def test_a_change_while_the_thread_begins_refuses(a_school: School) -> None:
    """The counts are the same; what would happen to Ana is not what was looked at."""
    kept = looked_at(a_school, TEXT)
    job = imports._Job(imports.look_again(kept, by=a_school.dana).digest)
    a_school.do(change_account, account("ana"), {"given_name": "Anita"}, by=a_school.dana)
    assert imports.look_again(kept, by=a_school.dana).counts == imports.counts_of(kept)
    with pytest.raises(CannotImport, match="since you looked"):
        imports.carry_out(kept.pk, by=a_school.dana, job=job)


def test_a_pass_since_the_look_does_not_matter(a_school: School) -> None:
    kept = looked_at(a_school, TEXT)
    a_school.ask()
    imports.carry_out(kept.pk, by=a_school.dana)
    assert account("gus")


def test_an_address_shared_with_another_school_stays_there(a_school: School) -> None:
    a_school.add_student("shared", "Sha Red", school_id=a_school.other_id)
    a_school.add_student("shared", "Sha Red")
    PassAccount.objects.filter(school_id=a_school.id, email="shared@example.org").update(number="5")
    imported(a_school, "id,email\n5,moved@example.org\n")
    here = account("moved")
    assert PassAccount.objects.get(school_id=a_school.other_id, email="shared@example.org")
    assert here.identity.email == "moved@example.org"
    assert Identity.objects.filter(email="shared@example.org").exists()


def test_an_address_that_nobody_had_leaves_its_person_signed_in(a_school: School) -> None:
    """As when it is changed by hand; with an address of somebody else the account is theirs."""
    for number, name in (("5", "shared"), ("6", "given"), ("7", "carried")):
        a_school.add_student(name, "Sha Red", school_id=a_school.other_id)
        a_school.add_student(name, "Sha Red")
        here = PassAccount.objects.filter(school_id=a_school.id, email=f"{name}@example.org")
        here.update(number=number)
    for name in ("theirs", "new"):
        a_school.add_student(name, "The Irs", school_id=a_school.other_id)
    keys = {}
    for name in ("shared", "given", "carried"):
        mine = PassAccount.objects.get(school_id=a_school.id, email=f"{name}@example.org")
        session = SessionStore()
        session[SESSION_KEY], session[ACCOUNT] = str(mine.identity_id), mine.pk
        session.save()
        keys[name] = session.session_key or ""
    # An admin has corrected this one in Classroom before: the sign-in goes on with the new address.
    new = Identity.objects.get(email="new@example.org")
    SignIn.objects.filter(session_key=keys["carried"]).update(also_identity_id=new.pk)
    moved = "5,moved@example.org\n6,theirs@example.org\n7,new@example.org\n"
    imported(a_school, f"id,email\n{moved}")
    assert SignIn.objects.filter(session_key=keys["carried"]).exists()
    found = signed_in(keys["shared"], a_school.clock.at)
    assert found is not None and found.account_id == account("moved").pk
    assert signed_in(keys["given"], a_school.clock.at) is None
    assert not SignIn.objects.filter(session_key=keys["given"]).exists()


def test_an_address_of_this_school_alone_moves_with_its_password(a_school: School) -> None:
    PassAccount.objects.filter(email="ana@example.org").update(number="5")
    identity = account("ana").identity_id
    imported(a_school, "id,email\n5,ana.lopez@example.org\n")
    assert account("ana.lopez").identity_id == identity
    assert Identity.objects.get(pk=identity).email == "ana.lopez@example.org"


def test_rows_with_problems_are_left_out_only_when_said(a_school: School) -> None:
    text = TEXT + "x,Bad,Row,bad(at)x.org,student,9,\n"
    with pytest.raises(CannotImport, match="problems"):
        imported(a_school, text)
    imported(a_school, text, leave_out=True)
    assert account("gus")


def test_nothing_is_half_imported(a_school: School) -> None:
    before, plan = everything(), planned(a_school, TEXT, archive=True)

    def fail(count: int) -> None:
        if PassAccount.objects.filter(closed_at__isnull=False).exists():
            raise RuntimeError

    with pytest.raises(RuntimeError), turn(a_school.id) as tx:
        carry_out(tx, plan, import_number=1, by=a_school.dana, at=a_school.clock.at, progress=fail)
    assert everything() == before


@pytest.mark.django_db(transaction=True)
def test_a_thread_does_it_and_tells_how_far_it_is(a_school: School) -> None:
    kept = looked_at(a_school, TEXT)
    options = imports.options_of(kept)
    imports.begin(kept, planned(a_school, TEXT), options, by=a_school.dana, at=a_school.clock.at)
    kept.refresh_from_db()
    with pytest.raises(CannotImport):
        imports.begin(
            kept, planned(a_school, TEXT), options, by=a_school.dana, at=a_school.clock.at
        )
    for thread in threading.enumerate():
        if thread.name == "import":
            thread.join(20)
    kept.refresh_from_db()
    assert kept.state == State.DONE
    assert imports.progress_of(kept, a_school.clock.at) is None


def test_old_files_and_old_undoings_are_forgotten(a_school: School) -> None:
    kept = imported(a_school, TEXT)
    only_looked_at = looked_at(a_school, "email,name\nx@x.org,X\n")
    assert kept.text == "" and kept.before
    imports.tidy(a_school.id, a_school.clock.at + timedelta(days=31))
    kept.refresh_from_db()
    assert kept.before == ""
    assert not imports.can_be_undone(kept)
    assert not PeopleImport.objects.filter(pk=only_looked_at.pk).exists()


def test_a_file_that_a_dead_process_left_is_forgotten(a_school: School) -> None:
    kept = looked_at(a_school, TEXT)
    left = PeopleImport.objects.filter(pk=kept.pk)
    left.update(state=State.RUNNING, alive_until=a_school.clock.at)
    imports.tidy(a_school.id, a_school.clock.at + timedelta(hours=23))
    assert left.exists()
    imports.tidy(a_school.id, a_school.clock.at + timedelta(hours=25))
    assert not left.exists()

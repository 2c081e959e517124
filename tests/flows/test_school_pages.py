"""What admins, adults and students read and change on the pages about rules."""

import re
from datetime import time
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from corridor.accounts.models import PassAccount
from corridor.accounts.people import close_account
from corridor.passes.apart import groups_of, let_together
from corridor.passes.queries import open_passes
from corridor.passes.refusals import Refused
from corridor.roster.bells import AroundBell, Bells, Period, Schedule
from corridor.roster.changes import freeze_school
from corridor.roster.models import Location
from corridor.roster.schools import settings_of
from tests.school import School
from tests.signed_in import sign_in


def client_of(school: School, person: str) -> Client:
    client = Client()
    actor = getattr(school, person)
    sign_in(client, PassAccount.objects.get(pk=actor.account_id).identity)
    return client


def page(client: Client, name: str, *args: Any, **query: Any) -> str:
    return client.get(reverse(name, args=args), query).content.decode()


def fields_in(text: str) -> dict[str, str]:
    """What the browser would send of a page's first form with a name in it, as it was drawn."""
    form = next(one for one in re.findall(r"<form.*?</form>", text, re.S) if 'name="name"' in one)
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        facts = dict(re.findall(r'([a-z-]+)="(.*?)"', tag))
        is_box = facts["type"] == "checkbox"
        if "name" in facts and (not is_box or " checked" in tag):
            found[facts["name"]] = facts.get("value", "on" if is_box else "")
    for name, options in re.findall(r'<select name="(.*?)".*?>(.*?)</select>', form, re.S):
        found[name] = re.findall(r'value="([^"]*)" selected', options)[0]
    return found


def students_in(text: str) -> list[int]:
    """Whom a form would send as chosen: the one field that has all of their ids."""
    (field,) = re.findall(r'name="student"[^>]* value="(.*?)"', text)
    ids = [int(found) for found in re.findall(r"<li data-id=\"(\d+)\"", text)]
    assert ids == [int(found) for found in field.split()]  # the same in the list that is seen
    return ids


def test_a_saved_limit_holds_and_tells_who_saved_it(a_school: School) -> None:
    dana = client_of(a_school, "dana")
    assert "Default: no limit." in page(dana, "admin:settings", "limits")
    answer = dana.post(reverse("admin:settings", args=["limits"]), {
        "daily_limit": "0", "cooldown": "0", "initial-cooldown": "0",
        "building_counts": ["student", "teacher"],
        "initial-building_counts": ["student", "teacher"], "building_override": "adult",
        "initial-building_override": "adult",
    })  # fmt: skip
    assert answer.status_code == 302
    assert "Changed by Dana Whitfield" in page(dana, "admin:settings", "limits")
    with pytest.raises(Refused, match="daily_limit"):
        a_school.ask()


def test_a_first_day_of_the_term_at_the_end_of_the_calendar_is_told(a_school: School) -> None:
    answer = client_of(a_school, "dana").post(reverse("admin:settings", args=["limits"]), {
        "term_begins": "0001-01-01", "cooldown": "0", "initial-cooldown": "0",
        "building_counts": ["student", "teacher"],
        "initial-building_counts": ["student", "teacher"], "building_override": "adult",
        "initial-building_override": "adult",
    })  # fmt: skip
    assert answer.status_code == 400
    assert "Choose a day between 2000 and 2199." in answer.content.decode()
    assert a_school.ask()


def test_saving_leaves_alone_what_another_admin_saved_meanwhile(a_school: School) -> None:
    dana = client_of(a_school, "dana")
    a_school.decide(request_waits=20)
    dana.post(reverse("admin:settings", args=["times"]), {
        "request_waits": "10", "initial-request_waits": "10", "long_running": "12",
        "initial-long_running": "10", "system_end": "30", "initial-system_end": "30",
        "time_zone": "America/New_York", "initial-time_zone": "America/New_York",
    })  # fmt: skip
    settings = settings_of(a_school.id)
    assert (settings.request_waits, settings.long_running) == (20, 12)


def test_time_zones_stand_under_their_part_of_the_world(a_school: School) -> None:
    dana = client_of(a_school, "dana")
    told = page(dana, "admin:settings", "times")
    assert re.search(r'<optgroup label="America">.*?selected>New York</option>', told, re.S)
    assert "Argentina, Buenos Aires" in told and told.index("US/Eastern") > told.index("Pacific")
    dana.post(reverse("admin:settings", args=["times"]), {
        "request_waits": "10", "initial-request_waits": "10", "long_running": "10",
        "initial-long_running": "10", "system_end": "30", "initial-system_end": "30",
        "time_zone": "US/Eastern", "initial-time_zone": "America/New_York",
    })  # fmt: skip
    assert settings_of(a_school.id).time_zone == "US/Eastern"


def test_what_works_against_each_other_is_told(a_school: School) -> None:
    a_school.decide(long_running=40)
    assert "Settings that work against each other" in page(
        client_of(a_school, "dana"), "admin:settings", "times"
    )


def test_the_limits_of_a_grade(a_school: School) -> None:
    dana = client_of(a_school, "dana")
    assert "Grade 10, a week" in page(dana, "admin:settings", "limits")
    dana.post(reverse("admin:grade_limits"), {"day-0": "0"})
    assert settings_of(a_school.id).grade_limits["9"].day == 0
    with pytest.raises(Refused, match="daily_limit"):
        a_school.ask()


def test_a_blocked_time_is_added_and_removed(a_school: School) -> None:
    dana = client_of(a_school, "dana")
    dana.post(reverse("admin:block"), {
        "name": "State test", "begins": "09:00", "ends": "11:00", "weekdays": ["0"],
    })  # fmt: skip
    told = page(dana, "admin:settings", "limits")
    assert "State test" in told
    with pytest.raises(Refused, match="blocked"):
        a_school.ask()
    key = told.split("/admin/settings/limits/blocked/")[1].split("/")[0]
    dana.post(reverse("admin:unblock", args=[key]))
    assert a_school.ask().state == "waiting"


def test_a_blocked_time_that_ends_before_it_begins_is_told(a_school: School) -> None:
    answer = client_of(a_school, "dana").post(reverse("admin:block"), {
        "name": "State test", "begins": "11:00", "ends": "09:00", "weekdays": ["0"],
    })  # fmt: skip
    assert answer.status_code == 400
    assert "It ends before it begins." in answer.content.decode()


LIVE = {"HX-Request": "true"}
ROW = {"trip_type": "layover", "reason_mode": "optional", "access": "everyone",
       "takes_passes": "on"}  # fmt: skip


def test_a_row_becomes_a_form_and_a_row_again(a_school: School) -> None:
    dana, address = client_of(a_school, "dana"), reverse("admin:place", args=[a_school.library])
    form = dana.get(address, headers=LIVE).content.decode()
    assert form.startswith("<tr") and 'name="capacity"' in form
    row = dana.post(
        address, ROW | {"name": "Media room", "capacity": "3"}, headers=LIVE
    ).content.decode()
    assert row.startswith("<tr") and "Media room" in row and "holds 3" in row
    assert Location.objects.get(pk=a_school.library).capacity == 3


def test_a_form_that_does_not_carry_what_it_showed_is_saved_as_it_is(a_school: School) -> None:
    """A page from before an upgrade, or a program: what is emptied or unticked is meant, too."""
    a_school.change_place(a_school.library, capacity=20)
    sent = {name: value for name, value in ROW.items() if name != "takes_passes"}
    sent |= {"name": "Library", "capacity": ""}
    answer = client_of(a_school, "dana").post(reverse("admin:place", args=[a_school.library]), sent)
    assert answer.status_code == 302
    found = Location.objects.get(pk=a_school.library)
    assert (found.capacity, found.takes_passes) == (None, False)


def test_saving_a_place_leaves_alone_what_another_admin_saved_meanwhile(a_school: School) -> None:
    dana, address = client_of(a_school, "dana"), reverse("admin:place", args=[a_school.library])
    a_school.change_place(a_school.library, capacity=20, may_be_auto=True)
    shown = fields_in(dana.get(address, headers=LIVE).content.decode())
    assert (shown["capacity"], shown["may_be_auto"]) == ("20", "on")
    a_school.change_place(a_school.library, capacity=10, may_be_auto=False)
    row = dana.post(address, shown | {"name": "Media room"}, headers=LIVE).content.decode()
    assert "Media room" in row and "holds 10" in row
    place = Location.objects.get(pk=a_school.library)
    assert (place.capacity, place.may_be_auto, place.takes_passes) == (10, False, True)
    shown = fields_in(dana.get(address).content.decode())
    del shown["takes_passes"]
    dana.post(address, shown | {"capacity": ""})
    place.refresh_from_db()
    assert (place.name, place.capacity, place.takes_passes) == ("Media room", None, False)


def test_a_taken_name_stays_in_the_form(a_school: School) -> None:
    dana, address = client_of(a_school, "dana"), reverse("admin:place", args=[a_school.library])
    answer = dana.post(address, ROW | {"name": "nurse"}, headers=LIVE).content.decode()
    assert "already has a location of this name" in answer


def test_an_adults_own_room_is_not_archived(a_school: School) -> None:
    dana = client_of(a_school, "dana")
    for place in (a_school.nurse, a_school.library):
        dana.post(reverse("admin:archive_place", args=[place]))
    assert Location.objects.get(pk=a_school.nurse).archived_at is None
    assert Location.objects.get(pk=a_school.library).archived_at is not None


def test_an_archived_place_is_taken_back(a_school: School) -> None:
    dana = client_of(a_school, "dana")
    assert "archived</a>" not in page(dana, "admin:places")
    a_school.ask(to=a_school.library)
    assert "1 pass to or from it is open and would go on." in page(dana, "admin:places")
    archive = reverse("admin:archive_place", args=[a_school.library])
    told = dana.post(archive, follow=True).content.decode()
    assert "1 open pass to or from it goes on." in told and "1 archived</a>" in told
    archived = page(dana, "admin:places", state="archived")
    assert "<bdi>Library</bdi>" in archived and "Room 204" not in archived
    back = reverse("admin:reopen_place", args=[a_school.library])
    twin = a_school.open_place("library")
    told = dana.post(back, follow=True).content.decode()
    assert "Another place is called “Library” now." in told and "<bdi>Library</bdi>" in told
    a_school.change_place(twin, name="Book room")
    for _press in range(2):
        assert "Open again: Library" in dana.post(back, follow=True).content.decode()
    assert a_school.ask(a_school.cam, a_school.library).destination.name == "Library"


def test_an_adults_own_room_is_taken_back_with_its_adult_only(a_school: School) -> None:
    a_school.do(close_account, account_id=a_school.okafor.account_id, by=a_school.dana)
    dana = client_of(a_school, "dana")
    assert "Room 118" not in page(dana, "admin:places", state="archived")
    answer = dana.post(reverse("admin:reopen_place", args=[a_school.room_118]))
    assert answer.status_code == 404


def test_each_field_of_a_place_tells_who_changed_it_last(a_school: School) -> None:
    dana, place = client_of(a_school, "dana"), a_school.room_118
    fields = {"name": "Room 118", "trip_type": "layover", "reason_mode": "optional"}
    fields |= {"access": "everyone", "takes_passes": "on", "may_be_asked": "on"}
    assert "Changed by" not in page(dana, "admin:place", place)
    a_school.wait(minutes=7)
    answer = dana.post(reverse("admin:place", args=[place]), fields | {"capacity": "4"})
    assert answer.status_code == 302
    said = page(dana, "admin:place", place)
    told = re.findall(r'name="(\w+)"(?:(?!name="\w+").)*?Changed by ([^,]+),', said, re.DOTALL)
    assert told == [("capacity", "Dana Whitfield")]
    assert "Default: no limit." in said and "Default: as in the school." in said


def test_places_go_out_and_in(a_school: School) -> None:
    dana = client_of(a_school, "dana")
    sent = dana.get(reverse("admin:export_places"))
    assert sent.headers["Content-Disposition"] == 'attachment; filename="places.csv"'
    text = sent.content.decode("utf-8-sig") + "Gym,layover,optional,5,,,everyone,yes\r\n"
    address = reverse("admin:import_places")
    preview = dana.post(address, {"file": SimpleUploadedFile("p.csv", text.encode())})
    assert "1 new place" in preview.content.decode()
    hidden = SimpleUploadedFile("p.csv", b"name,reason\nLibrary,hidden\n")
    assert "<td>reason: hidden</td>" in dana.post(address, {"file": hidden}).content.decode()
    assert not Location.objects.filter(name="Gym").exists()
    assert dana.post(address, {"text": text}).status_code == 302
    assert Location.objects.get(name="Gym").capacity == 5


def test_a_broken_file_is_told_by_row_and_column(a_school: School) -> None:
    address, dana = reverse("admin:import_places"), client_of(a_school, "dana")
    broken = SimpleUploadedFile("p.csv", b"name,capacity\nGym,many\n")
    answer = dana.post(address, {"file": broken})
    assert answer.status_code == 400
    assert "<td>2</td><td>capacity</td>" in answer.content.decode()
    answer = dana.post(address, {"file": SimpleUploadedFile("p.csv", b"\x81\x00\xff" * 9)})
    assert answer.status_code == 400


def test_away_for_the_rest_of_the_day_and_back_by_one_press(a_school: School) -> None:
    ito = client_of(a_school, "ito")
    ito.post(reverse("staff:out_of_office"), {
        "location": a_school.nurse, "how": "rest", "text": "At a meeting",
    })  # fmt: skip
    told = page(ito, "staff:out_of_office")
    assert "At a meeting" in told and "End now" in told
    assert "Out of office today" in page(client_of(a_school, "ana"), "student:home")
    key = told.split(f"/staff/out-of-office/{a_school.nurse}/")[1].split("/")[0]
    ito.post(reverse("staff:end_out_of_office", args=[a_school.nurse, key]))
    assert a_school.ask().state == "waiting"


@pytest.mark.parametrize(
    "wrong",
    [{"how": "minutes"}, {"how": "time"}, {"how": "never"},
     {"how": "time", "day": "2026-03-01", "begins": "09:00", "ends": "10:00"}],
)  # fmt: skip
def test_an_absence_that_makes_no_sense_is_told(a_school: School, wrong: dict[str, str]) -> None:
    data = {"location": a_school.nurse} | wrong
    answer = client_of(a_school, "ito").post(reverse("staff:out_of_office"), data)
    assert answer.status_code == 400


def test_a_student_sees_why_a_place_is_not_possible(a_school: School) -> None:
    a_school.change_place(a_school.library, access="listed")
    a_school.change_place(a_school.restroom, takes_passes=False)
    ito = client_of(a_school, "ito")
    ito.post(reverse("staff:out_of_office"), {
        "location": a_school.nurse, "how": "minutes", "minutes": "20",
    })  # fmt: skip
    home = page(client_of(a_school, "ana"), "student:home")
    for words in ("Not open to you right now", "Takes no passes", "Out of office until 10:20"):
        assert words in home


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"daily_limit": 3}, "3 of 3 left today"),
     ({"daily_limit": 3, "weekly_limit": 2}, "2 of 2 left this week"),
     ({"term_limit": 1}, "1 of 1 left this term"), ({}, "Where do you need to go?")],
)  # fmt: skip
def test_the_limit_that_binds_is_told(
    a_school: School, settings: dict[str, int], words: str
) -> None:
    a_school.decide(**settings)
    assert words in page(client_of(a_school, "ana"), "student:home")


def test_a_teacher_pass_tells_what_it_would_break_before_it_is_sent(a_school: School) -> None:
    a_school.decide(building_limit=0)
    rivera, chosen = client_of(a_school, "rivera"), {
        "student": a_school.ben.account_id, "origin": a_school.room_204,
        "destination": a_school.nurse,
    }  # fmt: skip
    before = a_school.last
    told = page(rivera, "staff:check", **chosen)
    assert "This pass breaks 2 rules" in told
    assert "Ben Carter has used 1 of 1 passes today." in told
    assert a_school.last == before
    override = told.split('name="override" value="')[1].split('"')[0]
    answer = rivera.post(reverse("staff:teacher_pass"), chosen | {"override": override})
    assert answer.status_code == 302
    detail = page(rivera, "staff:pass", a_school.last)
    assert "Overridden: Daily limit, Building limit" in detail
    assert "cannot be made now" in page(rivera, "staff:check", **chosen)


def test_the_check_is_silent_until_all_is_chosen(a_school: School) -> None:
    rivera = client_of(a_school, "rivera")
    assert page(rivera, "staff:check", student=a_school.ana.account_id) == ""
    assert page(rivera, "staff:check", student=1, origin=0, destination=9**18) == ""


def test_every_page_of_everybody_says_that_the_school_is_frozen(a_school: School) -> None:
    a_school.out(a_school.cam)
    a_school.do(freeze_school, text="Doors locked.", by=a_school.dana.who)
    for person, names in {
        "ana": ("student:home", "student:history"),
        "rivera": ("staff:dashboard", "staff:teacher_pass", "staff:my_locations"),
        "dana": ("admin:people", "admin:places", "admin:emergency"),
    }.items():
        for name in names:
            told = page(client_of(a_school, person), name)
            assert "Emergency: the school is frozen" in told and "Doors locked." in told
            assert ("1 student is out" in told) == (person != "ana")
    assert "Where do you need to go?" not in page(client_of(a_school, "ana"), "student:home")
    assert "is frozen" not in page(client_of(a_school, "eli"), "student:home")


def test_the_button_freezes_and_ends_it(a_school: School) -> None:
    dana = client_of(a_school, "dana")
    dana.post(reverse("admin:freeze"), {"text": "Fire."})
    with pytest.raises(Refused, match="frozen"):
        a_school.ask()
    dana.post(reverse("admin:unfreeze"))
    assert a_school.ask().state == "waiting"


def test_an_emergency_says_of_nobody_that_they_are_where_they_should_be(a_school: School) -> None:
    dana = client_of(a_school, "dana")
    faces = ("admin:emergency", "hall:monitor", "staff:dashboard")
    for frozen in (False, True):
        if frozen:
            dana.post(reverse("admin:freeze"), {"text": "Fire."})
        for face in faces:
            told = page(dana, face, **({"scope": "all"} if face == "staff:dashboard" else {}))
            assert ("Nobody is out on a pass now." in told) == frozen
            assert ("Everybody is where they should be." in told) != frozen


def test_the_words_of_an_emergency_are_corrected(a_school: School) -> None:
    dana, text = client_of(a_school, "dana"), reverse("admin:freeze_text")
    dana.post(text, {"text": "Not frozen"})
    assert settings_of(a_school.id).frozen is None
    dana.post(reverse("admin:freeze"), {"text": "Smoke in th gym"})
    begun = settings_of(a_school.id).frozen
    assert 'value="Smoke in th gym"' in page(dana, "admin:emergency")
    a_school.wait(minutes=3)
    last = a_school.last
    for _press in range(2):
        dana.post(text, {"text": "Smoke in the gym. Stay away."})
    frozen = settings_of(a_school.id).frozen
    assert frozen is not None and begun is not None
    assert (frozen.text, frozen.at, frozen.by) == (
        "Smoke in the gym. Stay away.", begun.at, begun.by,
    )  # fmt: skip
    assert a_school.last == last + 1
    assert "Smoke in the gym. Stay away." in page(client_of(a_school, "ana"), "student:home")


def test_a_pass_for_an_archived_student_names_the_student(a_school: School) -> None:
    a_school.do(close_account, account_id=a_school.ana.account_id, by=a_school.dana)
    answer = client_of(a_school, "rivera").post(reverse("staff:teacher_pass"), {
        "student": a_school.ana.account_id, "origin": a_school.room_204,
        "destination": a_school.nurse,
    })  # fmt: skip
    assert answer.status_code == 404
    told = answer.content.decode()
    assert "This student is not here any more" in told and "One of the places" not in told


def test_contact_control_is_told_on_no_other_page(a_school: School) -> None:
    dana = client_of(a_school, "dana")
    ids = [a_school.ana.account_id, a_school.cam.account_id]
    dana.post(reverse("admin:apart"), {"student": ids, "note": "Since October"})
    assert "Since October" in page(dana, "admin:apart")
    a_school.out(a_school.cam)
    ana = client_of(a_school, "ana")
    way = {"origin": a_school.room_204, "destination": a_school.nurse}
    refused = ana.post(reverse("student:request"), way).content.decode()
    a_school.decide(building_limit=1)
    a_school.limit(a_school.ben, None)
    full = client_of(a_school, "ben").post(reverse("student:request"), way).content.decode()
    words = "This pass is not possible right now. Try again in a few minutes."
    for told in (refused, full):
        assert words in told
        assert "Nguyen" not in told and "apart" not in told
    banner = '<div class="banner'
    assert refused.split(banner)[1].split("</div>")[0] == full.split(banner)[1].split("</div>")[0]


def test_the_page_of_a_refusal_for_contact_control_is_that_of_a_full_building(
    a_school: School,
) -> None:
    ana, told = client_of(a_school, "ana"), []
    way = {"origin": a_school.room_204, "destination": a_school.nurse}
    a_school.out(a_school.cam)
    number = a_school.keep_apart(a_school.ana, a_school.cam)
    for how in ("kept apart", "full building"):
        if how == "full building":
            a_school.do(let_together, group_id=number, by=a_school.dana)
            a_school.decide(building_limit=1)
        answer = ana.post(reverse("student:request"), way)
        assert answer.status_code == 422
        # What is new on every page: the token of its forms, its request's id, the log's number.
        own = r'value="[0-9a-zA-Z-]{36,64}"|content="[0-9a-zA-Z.-]{10,64}"|after="\d+"'
        told.append((re.sub(own, "", answer.content.decode()), sorted(answer.headers)))
    assert told[0] == told[1]
    assert "not possible right now" in told[0][0]


def apart(school: School, *students: Any, **more: Any) -> dict[str, Any]:
    return {"student": [student.account_id for student in students], **more}


@pytest.mark.parametrize(
    ("last_day", "told"),
    [("2026-03-01", "This day is over."), ("soon", "Enter a valid date"), (None, "a group")],
)
def test_chosen_students_stay_chosen_when_something_was_wrong(
    a_school: School, last_day: str | None, told: str
) -> None:
    dana = client_of(a_school, "dana")
    if last_day is None:
        a_school.keep_apart(a_school.ana, a_school.cam, a_school.ben)
    sent = apart(a_school, a_school.ana, a_school.cam, last_day=last_day or "", note="Hm")
    answer = dana.post(reverse("admin:apart"), sent)
    text = answer.content.decode()
    assert answer.status_code == 400
    assert told.lower() in text.lower() and ">\nHm</textarea>" in text
    assert students_in(text) == [a_school.ana.account_id, a_school.cam.account_id]
    assert len(groups_of(a_school.id)) == (1 if last_day is None else 0)


def test_a_group_is_edited(a_school: School) -> None:
    dana = client_of(a_school, "dana")
    number = a_school.keep_apart(a_school.ana, a_school.cam, note="Since October")
    form = page(dana, "admin:edit_apart", number)
    assert "Since October" in form and a_school.ana.account_id in students_in(form)
    sent = apart(a_school, a_school.ana, a_school.ben, note="Both say so", last_day="2026-03-02")
    assert dana.post(reverse("admin:edit_apart", args=[number]), sent).status_code == 302
    (group,) = groups_of(a_school.id)
    assert (group.id, group.names, group.note, str(group.last_day)) == (
        number, ["Ana Lopez", "Ben Carter"], "Both say so", "2026-03-02",
    )  # fmt: skip
    a_school.out(a_school.cam)
    assert a_school.ask().state == "waiting"


def test_whoever_is_archived_may_stay_in_a_group(a_school: School) -> None:
    number = a_school.keep_apart(a_school.ana, a_school.cam)
    a_school.do(close_account, account_id=a_school.cam.account_id, by=a_school.dana)
    sent = apart(a_school, a_school.ana, a_school.cam, a_school.ben)
    dana = client_of(a_school, "dana")
    assert dana.post(reverse("admin:edit_apart", args=[number]), sent).status_code == 302
    assert dana.post(reverse("admin:apart"), sent).status_code == 400


def test_an_admin_reads_that_neutral_words_need_a_building_limit(a_school: School) -> None:
    dana, told = client_of(a_school, "dana"), "The school has no building limit, so the words"
    assert told in page(dana, "admin:apart")
    assert told not in page(dana, "admin:settings", "limits")
    a_school.keep_apart(a_school.ana, a_school.cam)
    assert f"Contact control: {told}" in page(dana, "admin:settings", "limits")
    a_school.decide(building_limit=200)
    assert told not in page(dana, "admin:apart") + page(dana, "admin:settings", "limits")
    a_school.decide(building_counts=("student",))
    assert "does not bind passes of students and of teachers alike" in page(dana, "admin:apart")


def test_the_board_counts_what_the_building_limit_judges(a_school: School) -> None:
    def taken() -> list[str]:
        dashboard = page(client_of(a_school, "rivera"), "staff:dashboard")
        if "data-limited hidden" in dashboard:
            return []
        return re.findall(r'data-tile="(?:in_building|building_limit)">(\d+)<', dashboard)

    a_school.ask()
    assert taken() == []  # without a limit nothing is compared
    a_school.give(a_school.cam, a_school.library, pre_approved=True)
    a_school.decide(building_limit=2, building_counts=("student",))
    assert taken() == ["1", "2"]
    a_school.decide(building_counts=("student", "teacher"))
    assert taken() == ["2", "2"]
    a_school.limit(a_school.ben, None)
    with pytest.raises(Refused, match="building_full"):
        a_school.ask(a_school.ben)
    a_school.decide(building_limit=0)
    assert taken() == ["2", "0"]


def test_a_group_of_one_is_told(a_school: School) -> None:
    answer = client_of(a_school, "dana").post(
        reverse("admin:apart"), {"student": [a_school.ana.account_id]}
    )
    assert "Choose at least two students." in answer.content.decode()


def test_who_sees_ended_passes(a_school: School) -> None:
    card = a_school.end(a_school.ask())
    okafor, address = client_of(a_school, "okafor"), reverse("staff:pass", args=[card.id])
    assert okafor.get(address).status_code == 200
    a_school.decide(ended_shown_to="concerned")
    assert client_of(a_school, "okafor").get(address).status_code == 403
    all_ended = {"scope": "all", "tab": "ended"}
    assert "Ana Lopez" not in page(client_of(a_school, "okafor"), "staff:dashboard", **all_ended)
    for person in ("rivera", "ito", "dana"):
        assert "Ana Lopez" in page(client_of(a_school, person), "staff:dashboard", **all_ended)
        assert client_of(a_school, person).get(address).status_code == 200


def test_a_list_of_ended_passes_that_is_cut_says_so(
    a_school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corridor.web.staff.dashboard._MOST_ENDED", 2)
    asked = {"scope": "all", "tab": "ended"}
    a_school.end(a_school.ask(a_school.cam))  # Ben's has ended, too
    whole = page(client_of(a_school, "dana"), "staff:dashboard", **asked)
    assert "are listed." not in whole and 'data-count="ended"' in whole
    a_school.wait(minutes=1)
    a_school.end(a_school.ask())
    cut = page(client_of(a_school, "dana"), "staff:dashboard", **asked)
    assert "Ana Lopez" in cut and cut.count("data-version") == 2
    assert "Only the last 2 are listed." in cut and 'data-count="ended"' not in cut
    assert f'{reverse("staff:history")}?when=today"' in cut


def test_limits_are_tried_on_the_past(a_school: School) -> None:
    a_school.end(a_school.ask())
    a_school.wait(minutes=30)
    a_school.end(a_school.ask())
    told = page(client_of(a_school, "dana"), "admin:simulator", weeks=1, daily_limit=1)
    assert "1 of 3 passes would have been refused" in told
    assert "Ana Lopez" in told and "<rect" in told


def test_the_numbers_of_today_try_all_the_rules_around_the_bell(a_school: School) -> None:
    """The school may have several; unchanged numbers mean what the school means."""
    dana, day = client_of(a_school, "dana"), Period("2", time(9, 20), time(10, 5))
    a_school.end(a_school.ask())  # at ten; Ben did, too
    a_school.decide(
        bells=Bells(schedules=(Schedule("Regular", (day,)),), week=("Regular",) * 7),
        around_bell=(
            AroundBell(name="Beginning", first_minutes=10), AroundBell(name="End", last_minutes=10)
        ),
    )  # fmt: skip
    shown = dict(re.findall(r'name="(\w+_minutes)" value="(\d+)"', page(dana, "admin:simulator")))
    assert shown == {"first_minutes": "10", "last_minutes": "10"}
    told = page(dana, "admin:simulator", weeks=1, **shown)
    assert "2 of 2 passes would have been refused" in told
    told = page(dana, "admin:simulator", weeks=1, **shown | {"last_minutes": "2"})
    assert "0 of 2 passes would have been refused" in told


def test_a_students_own_limits(a_school: School) -> None:
    dana, address = (
        client_of(a_school, "dana"),
        reverse("admin:student_limits", args=[a_school.ana.account_id]),
    )
    dana.post(address, {"day": "1"})
    a_school.end(a_school.ask())
    with pytest.raises(Refused, match="daily_limit"):
        a_school.ask()
    said = dana.get(address).content.decode()
    assert said.count("Changed by Dana Whitfield") == 1  # of four limits and the tick
    assert said.count("Default: as in the grade or the school.") == 4
    dana.post(address, {"unlimited": "on"})
    assert a_school.ask().state == "waiting"


@pytest.mark.parametrize("how", ["kept apart", "full building"])
def test_a_teacher_is_warned_of_both_in_the_same_neutral_words(a_school: School, how: str) -> None:
    if how == "kept apart":
        a_school.keep_apart(a_school.ana, a_school.cam)
        a_school.out(a_school.cam)
    else:
        a_school.decide(building_limit=0)
    trip = {"student": a_school.ana.account_id, "origin": a_school.room_204,
            "destination": a_school.nurse}  # fmt: skip
    rivera, dana = client_of(a_school, "rivera"), client_of(a_school, "dana")
    warned = page(rivera, "staff:check", **trip)
    assert "<p>This pass is not possible right now by a rule of the school.</p>" in warned
    assert 'name="override" value="building_full "' in warned
    asked = rivera.post(reverse("staff:teacher_pass"), trip)
    assert "not possible right now by a rule of the school" in asked.content.decode()
    assert b"apart" not in asked.content
    told = "must not be out now" if how == "kept apart" else "the building&#x27;s limit is 0"
    assert told in page(dana, "staff:check", **trip)
    rivera.post(reverse("staff:teacher_pass"), trip | {"override": "building_full"})
    card = open_passes(a_school.id)[-1]
    assert "Overridden: Building limit" in page(rivera, "staff:pass", card.id)
    of_admin = "Contact control" if how == "kept apart" else "Building limit"
    assert f"Overridden: {of_admin}" in page(dana, "staff:pass", card.id)


@pytest.mark.parametrize("how", ["kept apart", "full building"])
def test_a_teacher_is_refused_by_both_alike_where_only_admins_override(
    a_school: School, how: str
) -> None:
    a_school.decide(building_override="admin", building_limit=0 if how == "full building" else 99)
    if how == "kept apart":
        a_school.keep_apart(a_school.ana, a_school.cam)
        a_school.out(a_school.cam)
    trip = {"student": a_school.ana.account_id, "origin": a_school.room_204,
            "destination": a_school.nurse}  # fmt: skip
    rivera, dana = client_of(a_school, "rivera"), client_of(a_school, "dana")
    told = "<p>This pass is not possible right now by a rule of the school.</p>"
    checked = page(rivera, "staff:check", **trip)
    assert told in checked and "cannot be made now" in checked
    assert "override" not in checked and "again" not in checked
    sent = rivera.post(reverse("staff:teacher_pass"), trip | {"override": "building_full"})
    assert sent.status_code == 422
    assert "not possible right now by a rule of the school" in sent.content.decode()
    assert b"apart" not in sent.content and b"Try again" not in sent.content
    code = "kept_apart" if how == "kept apart" else "building_full"
    dana.post(reverse("staff:teacher_pass"), trip | {"override": code})
    card = open_passes(a_school.id)[-1]
    assert card.overridden == (code,)
    assert "Overridden: Building limit" in page(rivera, "staff:pass", card.id)


def test_who_is_away_may_keep_others_from_ending_it(a_school: School) -> None:
    okafor = client_of(a_school, "okafor")
    a_school.rivera = a_school.with_locations(a_school.rivera, a_school.library)
    rivera, place = client_of(a_school, "rivera"), {"location": a_school.library, "how": "rest"}
    for sent, may in ((place, True), (place | {"only_theirs": "on"}, False)):
        okafor.post(reverse("staff:out_of_office"), sent)
        told = page(rivera, "staff:out_of_office")
        assert "by Mr. Okafor" in told
        assert ("only they and admins end it" in told) is not may
        own = page(okafor, "staff:out_of_office")
        key = own.split(f"/{a_school.library}/")[1].split("/")[0]
        assert (f"/{a_school.library}/{key}/" in told) is may
        end = reverse("staff:end_out_of_office", args=[a_school.library, key])
        assert rivera.post(end).status_code == (302 if may else 403)
    assert "by Mr. Okafor" in page(client_of(a_school, "dana"), "admin:place", a_school.library)
    assert client_of(a_school, "dana").post(end).status_code == 302
    assert "by Mr. Okafor" not in page(okafor, "staff:out_of_office")

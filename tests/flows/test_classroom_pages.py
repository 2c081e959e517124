"""The pages of Classroom: classes, rosters, settings that hold, permissions that are obeyed."""

import asyncio
import re
from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from corridor import clock
from corridor.accounts import permissions
from corridor.accounts.classes import students_of
from corridor.accounts.classroom_people import change_classroom_account
from corridor.accounts.classroom_signins import ClassroomSignedIn
from corridor.accounts.models import ClassroomAccount, Identity
from corridor.accounts.permissions import FUNCTIONS, ROLES
from corridor.accounts.plans import keep_plan
from corridor.classroom import queries, shelf
from corridor.classroom.cards import ParticipantCard, SessionCard
from corridor.classroom.participants import write_message
from corridor.classroom.presence import DeviceState, presences
from corridor.classroom.shelf import commands
from corridor.integration.hearing import hearing_of
from corridor.live.log import read_log
from corridor.roster.classroom_settings import ClassroomSettings
from corridor.roster.models import SchoolClass
from corridor.roster.schools import settings_of
from corridor.web.console.live import ConsoleStream
from tests.classroom.running import Classes, ids
from tests.integration.people import signed, switch
from tests.school import School
from tests.signed_in import sign_in


def client_of(key: str) -> Client:
    client = Client()
    sign_in(client, Identity.objects.get(email=f"{key}@example.org"))
    return client


def page(key: str, name: str, *args: Any, **query: str) -> str:
    answer = client_of(key).get(reverse(f"classroom:{name}", args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def allow(*pairs: str) -> dict[str, str]:
    """The matrix as it is sent with these ticks."""
    return dict.fromkeys(pairs, "on")


DEFAULT = allow(*(f"{one.key}:{role}" for one in FUNCTIONS for role in one.roles))


def permit(key: str, ticked: dict[str, str]) -> Any:
    """Save the matrix with these ticks, on a page that was drawn with the defaults."""
    sent = {"sent": "1", "drawn": list(DEFAULT), **ticked}
    return client_of(key).post(reverse("classroom:permissions"), sent)


def but(*pairs: str) -> dict[str, str]:
    """The defaults without these ticks."""
    return {name: on for name, on in DEFAULT.items() if name not in pairs}


# Classes


def test_a_teacher_sees_own_classes_and_a_substitute_all(a_school: School) -> None:
    rivera, park = page("rivera", "classes"), page("park", "classes")
    assert "English 2" in rivera and "Algebra 1" not in rivera
    assert "English 2" in park and "Algebra 1" in park and "Science" not in park
    assert "All classes" not in rivera


def test_the_period_stands_beside_the_name_wherever_a_class_is_held(a_school: School) -> None:
    assert "Period 3" in page("rivera", "start", a_school.classroom.english)
    classes = Classes(a_school)
    session = classes.start()
    for name in ("console", "active"):
        assert "Period 3" in page("rivera", name, *([session.id] if name == "console" else []))
    assert "Period 3" in page("ana", "student")
    classes.stop(session)
    assert "Period 3" in page("rivera", "past", session.id)
    assert "Period 3" in page("rivera", "history")


def test_whoever_starts_a_class_that_runs_is_told_so_on_its_console(a_school: School) -> None:
    session = Classes(a_school).start()
    address = reverse("classroom:start", args=[a_school.classroom.english])
    page = client_of("okafor").post(address, {"minutes": 20}, follow=True)
    assert page.redirect_chain[-1][0] == reverse("classroom:console", args=[session.id])
    assert "This class is running already, led by Ms. Rivera." in page.content.decode()


def test_a_card_says_why_it_has_no_picture_of_a_device_elsewhere(a_school: School) -> None:
    session, ana = Classes(a_school).start(), a_school.classroom.ana.account_id
    assert ana is not None
    state = DeviceState(title="Reading", url="https://example.org/", can_show=True)
    sentence = "No picture: the device is connected to another process of the server."
    try:
        presences.beat(ana, 1, state, a_school.clock.at, "another process")
        told = page("rivera", "console", session.id)
        assert "Reading" in told and told.count(sentence) == 1
        save("dana", screens="")
        assert sentence not in page("rivera", "console", session.id)  # there would be none anyway
    finally:
        presences.all_gone("another process")


def test_a_class_gets_an_end_by_the_schools_clock(a_school: School) -> None:
    """Ten in New York, and the class ends at ten to eleven."""
    classes = Classes(a_school)
    session = classes.start()
    address = reverse("classroom:extend", args=[session.id])

    def end_at(wall: str) -> int:
        sent = {"wall": wall, "request_id": str(uuid4())}
        return client_of("rivera").post(address, sent).status_code

    assert end_at("10:30") == 200
    assert classes.now(session).ends_at == a_school.clock.at + timedelta(minutes=30)
    assert end_at("11:15") == 200
    assert classes.now(session).ends_at == a_school.clock.at + timedelta(minutes=75)
    assert end_at("09:50") == 422 and end_at("soon") == 400
    assert classes.now(session).ends_at == a_school.clock.at + timedelta(minutes=75)


def test_where_no_plan_is_kept_the_dialogs_lead_to_the_plans(a_school: School) -> None:
    classes, people = Classes(a_school), a_school.classroom
    session = classes.start()
    told = page("rivera", "ask", session.id, "plan")
    assert "No plan yet." in told and reverse("classroom:plans") in told and "Send" not in told
    told = page("okafor", "start", people.algebra)
    assert "No plan yet." in told and 'name="plan_id"' not in told
    plan = a_school.do(keep_plan, name="Quiz", blocks=False, sites=["a.org"], by=people.rivera)
    assert "Quiz" in page("rivera", "ask", session.id, "plan")
    assert "Quiz" in page("rivera", "start", people.english)
    # Mr. Okafor keeps none; but he may let go of what Ms. Rivera's plan holds.
    classes.ask("plan", session, plan_id=plan.pk)
    told = page("okafor", "ask", session.id, "plan")
    assert "No plan yet." not in told and "No plan" in told


def test_an_answer_to_a_student_marks_what_they_wrote_as_read(a_school: School) -> None:
    classes, ana = Classes(a_school), a_school.classroom.ana
    session = classes.start()
    a_school.do(write_message, text="Which page?", by=ana)
    assert classes.row(session, ana).unread == 1
    address = reverse("classroom:write", args=[session.id, ana.account_id])
    told = client_of("rivera").post(address, {"text": "Page 12", "request_id": str(uuid4())})
    assert "Page 12" in told.content.decode() and "data-unread" not in told.content.decode()
    assert classes.row(session, ana).unread == 0


def test_a_teacher_cannot_widen_the_view_by_the_address(a_school: School) -> None:
    assert "Algebra 1" not in page("rivera", "classes", whose="all")


def test_the_list_says_what_the_cards_say(a_school: School) -> None:
    for view in ("cards", "list"):
        shown = page("okafor", "classes", view=view)
        assert "Ms. Rivera" in shown and "Algebra 1" in shown


def test_a_co_teacher_changes_the_roster_and_another_teacher_does_not(a_school: School) -> None:
    room = a_school.classroom
    address = reverse("classroom:roster", args=[room.english])
    data = {"student": [room.lou.account_id]}
    assert client_of("park").post(address, data).status_code == 403
    assert client_of("okafor").post(address, data).status_code == 302
    assert len(students_of(room.english)) == 5
    algebra = reverse("classroom:roster", args=[room.algebra])
    assert client_of("rivera").post(algebra, data).status_code == 403


def test_a_group_that_cannot_be_is_said_in_words(a_school: School) -> None:
    address = reverse("classroom:group", args=[a_school.classroom.english])
    rivera = client_of("rivera")
    assert rivera.post(address, {"name": "Red"}).status_code == 302
    answer = rivera.post(address, {"name": "Red"})
    assert answer.status_code == 400
    assert "has a group of this name" in answer.content.decode()
    assert rivera.post(address, {"name": " "}).status_code == 400


def test_names_are_escaped(a_school: School) -> None:
    a_class = SchoolClass.objects.get(pk=a_school.classroom.english)
    address = reverse("classroom:class", args=[a_class.pk])
    client_of("rivera").post(address, {"name": "<script>alert(1)</script>"})
    assert "<script>alert" not in page("rivera", "class", a_class.pk)
    assert "&lt;script&gt;alert" in page("rivera", "classes")


# Rosters


def look_at(client: Client, text: str, **more: str) -> Any:
    file = SimpleUploadedFile("rosters.csv", text.encode())
    return client.post(reverse("classroom:import_rosters"), {"file": file, **more})


def test_a_file_is_looked_at_and_then_imported(a_school: School) -> None:
    text, dana = "class,email\nArt,ana@example.org\n", client_of("dana")
    answer = look_at(dana, text)
    assert answer.status_code == 200 and "What will happen" in answer.content.decode()
    assert not SchoolClass.objects.filter(name="Art").exists()
    done = dana.post(reverse("classroom:import_rosters"), {"text": text})
    assert done.status_code == 302
    said = dana.get(done["Location"]).content.decode()
    assert "Imported: 1 new class, 0 new accounts, 1 student added, 0 taken off." in said
    assert SchoolClass.objects.filter(name="Art", school_id=a_school.id).exists()


def test_what_is_wrong_stands_beside_its_row_and_nothing_is_done(a_school: School) -> None:
    answer = look_at(client_of("dana"), "class,email\nArt,ana@example.org\nArt,nobody")
    assert answer.status_code == 400
    assert "no e-mail address" in answer.content.decode()
    assert not SchoolClass.objects.filter(name="Art").exists()


def test_a_spreadsheet_is_told_apart(a_school: School) -> None:
    file = SimpleUploadedFile("rosters.xlsx", b"PK\x03\x04")
    answer = client_of("dana").post(reverse("classroom:import_rosters"), {"file": file})
    assert answer.status_code == 400
    assert "save it as CSV" in answer.content.decode()


# Settings

# As the page sends them: each field with what it was when the page was drawn.
OPTIONS = {
    "class_minutes": "45",
    "initial-class_minutes": "50",
    "screens": "on",
    "initial-screens": "True",
    "inactive_minutes": "5",
    "initial-inactive_minutes": "5",
    "picture_seconds": "10",
    "initial-picture_seconds": "10",
    "keep_classes_days": "30",
    "initial-keep_classes_days": "30",
    "notice": "",
    "begins": "",
    "ends": "",
}


def save(key: str, **changes: str) -> Any:
    return client_of(key).post(reverse("classroom:systems"), OPTIONS | changes)


def test_for_how_long_classes_are_kept_is_decided_there_too(a_school: School) -> None:
    said = page("dana", "systems")
    assert "Keep the history of classes" in said and "Default: 30." in said
    assert save("dana", keep_classes_days="14").status_code == 302
    kept = settings_of(a_school.id)
    assert (kept.keep_classes_days, kept.classes_kept_days) == (14, 14)
    assert (kept.keep_passes_days, kept.classroom.class_minutes) == (730, 45)
    assert kept.changed["keep_classes_days"].by == "Dana Whitfield"
    assert read_log(a_school.id, a_school.last - 1)[0].name == "retention.changed"
    assert "kept for 14 days" in page("rivera", "history")
    assert "14" in client_of("dana").get("/admin/retention").content.decode()
    # What another admin decided meanwhile stays, and so does what nobody can mean.
    assert save("dana", class_minutes="50").status_code == 302
    assert save("dana", keep_classes_days="0").status_code == 400
    assert save("dana", keep_classes_days="").status_code == 400
    assert settings_of(a_school.id).keep_classes_days == 14
    assert save("rivera", keep_classes_days="14").status_code == 403


def test_options_are_saved_and_who_changed_them_stands_beside(a_school: School) -> None:
    assert save("dana", begins="07:30", ends="16:00").status_code == 302
    kept = settings_of(a_school.id).classroom
    assert (kept.class_minutes, f"{kept.begins:%H:%M}") == (45, "07:30")
    assert "Changed by Dana Whitfield" in page("dana", "systems")
    assert settings_of(a_school.other_id).classroom == ClassroomSettings()


def test_hours_that_are_saved_hold_for_what_runs(a_school: School) -> None:
    """It is ten o'clock."""
    classes = Classes(a_school)
    session = classes.start()
    save("dana", ends="10:30")
    told = page("rivera", "console", session.id)
    assert "10:30 AM" in told and "then the school’s hours end" in told and "+5 min" not in told
    save("dana", begins="07:30", ends="09:00")
    assert "This class is over" in page("rivera", "console", session.id)
    told = page("rivera", "start", a_school.classroom.english)
    assert "Classes run from 7:30 AM to 9:00 AM" in told and "No class can begin now" in told
    told = page("ana", "student")
    assert "Classes run from 7:30 AM to 9:00 AM" in told
    assert "nobody sees what is on your devices" in told


def test_hours_hold_for_what_runs_when_the_schools_clock_is_set_otherwise(
    a_school: School,
) -> None:
    """It is ten o'clock in New York, three in London, four in Berlin."""
    classes = Classes(a_school)
    session = classes.start()
    save("dana", ends="15:30")

    def move(zone: str, before: str) -> None:
        address = reverse("admin:settings", args=["times"])
        answer = client_of("dana").post(address, {
            "request_waits": "10", "initial-request_waits": "10", "long_running": "10",
            "initial-long_running": "10", "system_end": "30", "initial-system_end": "30",
            "time_zone": zone, "initial-time_zone": before,
        })  # fmt: skip
        assert answer.status_code == 302

    move("Europe/London", "America/New_York")
    assert classes.now(session).ends_at == a_school.clock.at + timedelta(minutes=30)
    move("Europe/Berlin", "Europe/London")
    assert not classes.now(session).is_running


def test_the_start_dialog_offers_no_end_after_the_hours(a_school: School) -> None:
    """It is ten o'clock."""
    save("dana", ends="10:20")
    told = page("rivera", "start", a_school.classroom.english)
    assert 'value="10:20"' in told
    assert 'name="minutes" type="number" min="1" max="720" value="20"' in told
    assert "Classes run until 10:20 AM" in told and "No class can begin" not in told


def begin(a_school: School, **fields: str) -> int:
    """Ms. Rivera presses Start; which session it is."""
    address = reverse("classroom:start", args=[a_school.classroom.english])
    answer = client_of("rivera").post(address, {"request_id": str(uuid4()), **fields})
    assert answer.status_code == 302
    return int(answer["Location"].rpartition("/")[2])


def drawn(school: School) -> dict[str, str]:
    """The end that the start dialog offers, as it sends it when nobody changes it."""
    told = page("rivera", "start", school.classroom.english)
    names = ("ends_at", "drawn_ends_at", "minutes", "drawn_minutes")
    tags = {
        name: re.search(f'<input[^>]*name="{name}"[^>]*value="([^"]*)"', told) for name in names
    }
    return {name: tag[1] for name, tag in tags.items() if tag is not None}


def test_the_hours_of_the_school_are_not_remembered_as_a_choice(a_school: School) -> None:
    """It is ten o'clock."""
    classes = Classes(a_school)
    assert drawn(a_school)["minutes"] == "50"
    save("dana", ends="10:20")
    offered = drawn(a_school)
    assert offered["minutes"] == offered["drawn_minutes"] == "20"
    classes.stop(shelf.session(a_school.id, begin(a_school, **offered)))
    save("dana", ends="", **{"initial-ends": "10:20"})
    assert drawn(a_school)["minutes"] == "45"  # as the school says now
    chosen = drawn(a_school) | {"minutes": "30"}
    classes.stop(shelf.session(a_school.id, begin(a_school, **chosen)))
    save("dana", ends="10:20")
    classes.stop(shelf.session(a_school.id, begin(a_school, **drawn(a_school))))
    save("dana", ends="", **{"initial-ends": "10:20"})
    assert drawn(a_school)["minutes"] == "30"


def test_closing_the_open_tabs_is_the_first_command_of_the_class(a_school: School) -> None:
    ana = str(a_school.classroom.ana.account_id)
    session = begin(a_school, close_tabs="on", students=ana, offered=ana)
    (command,) = commands(a_school.id, session)
    assert command.kind == "close_tabs"
    assert reverse("classroom:results", args=[session, command.id]) in page(
        "rivera", "console", session
    )


def test_who_may_not_limit_devices_is_offered_no_limits(a_school: School) -> None:
    assert 'name="close_tabs"' in page("rivera", "start", a_school.classroom.english)
    permit("dana", but("restrict:teacher"))
    told = page("rivera", "start", a_school.classroom.english)
    assert not any(f'name="{one}"' in told for one in ("close_tabs", "tab_limit", "plan_id"))
    session = begin(a_school, close_tabs="on", tab_limit="3")  # drawn when it was allowed
    assert not shelf.session(a_school.id, session).options.restricts
    assert commands(a_school.id, session) == []


def test_who_may_not_look_at_screens_reads_so_and_gets_no_picture(a_school: School) -> None:
    """An admin looks meanwhile, who may."""
    session, ana = Classes(a_school).start(), a_school.classroom.ana.account_id
    assert ana is not None
    at = a_school.clock.at
    presences.beat(ana, 1, DeviceState(title="Map", can_show=True), at)
    presences.pictured(ana, 1, "first", at)
    try:
        assert "/classroom/picture?" in page("rivera", "console", session.id)
        permit("dana", but("screens:teacher"))
        told = page("rivera", "console", session.id)
        assert "You may not look at screens." in told and "/classroom/picture?" not in told
        assert "/classroom/picture?" in page("dana", "console", session.id)
        save("dana", screens="")
        for who in ("rivera", "dana"):
            told = page(who, "console", session.id)
            assert "Screens are off in this school." in told and "/classroom/picture?" not in told
    finally:
        presences.gone(ana, 1)


def pushed_by_looking(
    session: SessionCard, who: ClassroomSignedIn, rows: Collection[ParticipantCard]
) -> list[Any]:
    """What the stream of the console says of who is there."""
    hearing = hearing_of(who)

    async def listen() -> list[Any]:
        stream, told = ConsoleStream(who, hearing, session, rows, "en"), list[Any]()

        async def send(message: Any) -> None:
            told.append(message)

        stream.look(clock.now())
        stream.close()
        await stream.pour(send)
        return told

    return asyncio.run(listen())


def test_the_console_of_a_class_that_is_over_says_so_and_not_where_its_students_are(
    a_school: School,
) -> None:
    switch(a_school, on=True)
    classes, ana = Classes(a_school), min(ids(a_school.classroom.ana))
    session = classes.start()
    a_school.out()
    state, who = DeviceState(title="Essay", can_show=True), signed(a_school, "rivera")
    for student in (ana, min(ids(a_school.classroom.ben))):
        presences.beat(student, 1, state, a_school.clock.at)
    try:
        running = page("rivera", "console", session.id)
        assert "Essay" in running and "pass-badge" in running
        assert 'aria-disabled="true"' not in running
        ended = classes.stop(session)
        over = page("rivera", "console", session.id)
        rows = queries.console(a_school.id, session.id).participants

        assert pushed_by_looking(ended, who, rows) == []
        assert len(pushed_by_looking(session, who, rows)) == 1
    finally:
        for student in ids(a_school.classroom.ana, a_school.classroom.ben):
            presences.gone(student, 1)
    assert "This class is over" in over
    assert reverse("classroom:past", args=[session.id]) in over
    assert over.count("data-command=") == over.count('aria-disabled="true"') > 0
    assert over.count("Class over") == over.count('<li class="student ') == len(rows)
    for words in ("Essay", "pass-badge", "Out on a pass", "Not online", "Active"):
        assert words not in over, words


def test_to_archive_a_class_that_runs_ends_it_and_the_page_says_so_before(a_school: School) -> None:
    classes, english = Classes(a_school), a_school.classroom.english
    warning = "led by Ms. Rivera. Archiving it ends it at once"
    assert warning not in page("tia", "class", english)
    session = classes.start()
    assert warning in page("tia", "class", english)
    archive = reverse("classroom:archive_class", args=[english])
    assert client_of("tia").post(archive).status_code == 302
    assert classes.held(session) == set()
    assert not classes.now(session).is_running
    assert SchoolClass.objects.get(pk=english).archived_at is not None
    client_of("tia").post(archive, {"reopen": ""})
    assert classes.start().is_running


def test_a_class_that_is_over_is_closed_to_a_substitute_who_did_not_lead_it(
    a_school: School,
) -> None:
    """While it runs, Mr. Park may lead it; he has no “Read the history of every class”."""
    classes, ana = Classes(a_school), min(ids(a_school.classroom.ana))
    park, session = client_of("park"), classes.start()
    addresses = {
        "console": reverse("classroom:console", args=[session.id]),
        "student": reverse("classroom:student_of", args=[session.id, ana]),
        "past": reverse("classroom:past", args=[session.id]),
    }
    assert park.get(addresses["console"]).status_code == 200
    ended = park.post(reverse("classroom:stop", args=[session.id])).content.decode()
    assert "This class is over" in ended
    assert addresses["past"] not in ended
    assert {name: park.get(one).status_code for name, one in addresses.items()} == dict.fromkeys(
        addresses, 403
    )


def test_the_history_says_which_plan_and_how_many_tabs_and_what_was_ended(a_school: School) -> None:
    classes, rivera = Classes(a_school), a_school.classroom.rivera
    plan = a_school.do(keep_plan, name="Essay", blocks=False, sites=["a.org"], by=rivera)
    session = classes.start(plan_id=plan.pk, tab_limit=7)
    sent = [*commands(a_school.id, session.id), classes.ask("tab_limit", session)]
    dialogs = [page("rivera", "results", session.id, one.id) for one in sent]
    for words, dialog in zip(("7", "Essay", "ended"), dialogs, strict=True):
        assert re.search(rf'<p class="said">(<bdi>)?{words}', dialog)
    classes.stop(session)
    asked = page("rivera", "past", session.id).partition('id="asked-title"')[2]
    found = re.findall(r"<strong>(.*?) <span", asked, re.DOTALL)
    said = [" ".join(re.sub("<.*?>", "", one).split()) for one in found]
    assert said == ["Tab limit 7", "Access plan Essay", "Tab limit ended"]


def test_who_led_the_class_of_somebody_else_finds_it_in_the_history(a_school: School) -> None:
    classes, park = Classes(a_school), a_school.classroom.park
    session = classes.stop(classes.start(by=park), park)
    past = reverse("classroom:past", args=[session.id])
    assert past in page("park", "console", session.id)
    assert past in page("park", "history")
    assert "Who was there" in page("park", "past", session.id)


def test_a_setting_without_a_default_says_none(a_school: School) -> None:
    told = page("dana", "systems")
    assert "Default: ." not in told
    assert told.count("Default: none.") == 3  # begins, ends, notice
    assert "Default: 50." in told and "Default: yes." in told


def test_what_another_admin_saved_meanwhile_stays(a_school: School) -> None:
    save("dana", notice="Look at the board.")
    save("dana", inactive_minutes="7")
    assert settings_of(a_school.id).classroom.notice == "Look at the board."


@pytest.mark.parametrize(
    "wrong", [{"class_minutes": "0"}, {"begins": "16:00", "ends": "07:00"}, {"notice": "x" * 301}]
)
def test_what_makes_no_sense_is_refused_and_kept_on_the_page(
    a_school: School, wrong: dict[str, str]
) -> None:
    answer = save("dana", **wrong)
    assert answer.status_code == 400
    assert settings_of(a_school.id).classroom == ClassroomSettings()


def test_integrations_have_their_place(a_school: School) -> None:
    shown = page("dana", "systems")
    assert shown.index("Classroom options") < shown.index('id="integrations"')


# Permissions


def test_what_is_sent_as_it_is_changes_nothing(a_school: School) -> None:
    before = a_school.last
    answer = permit("dana", DEFAULT)
    assert (answer.status_code, a_school.last) == (302, before)


def test_guards_obey_the_matrix(a_school: School) -> None:
    new = reverse("classroom:new_class")
    assert client_of("rivera").get(new).status_code == 403
    permit("dana", DEFAULT | allow("classes:teacher"))
    assert client_of("rivera").get(new).status_code == 200
    assert settings_of(a_school.id).classroom.roles.keys() == {"classes"}


def test_operations_on_own_classes_obey_the_matrix(a_school: School) -> None:
    permit("dana", but("rosters:teacher"))
    address = reverse("classroom:roster", args=[a_school.classroom.english])
    assert client_of("rivera").post(address, {}).status_code == 403


def test_a_page_that_was_open_gives_nothing_back(a_school: School) -> None:
    """Each saves on a page that was drawn before the others did."""
    permit("dana", but("restrict:teacher"))
    permit("dana", DEFAULT | allow("classes:teacher"))
    permit("dana", but("message:substitute"))
    roles = settings_of(a_school.id).classroom.roles
    assert roles.keys() == {"restrict", "classes", "message"}
    assert "teacher" not in roles["restrict"] and "teacher" in roles["classes"]
    assert "substitute" not in roles["message"] and "teacher" in roles["message"]


def test_the_matrix_says_what_it_was_drawn_with(a_school: School) -> None:
    permit("dana", but("restrict:teacher"))
    drawn = re.findall(r'name="drawn" value="([^"]+)"', page("dana", "permissions"))
    fixed = {f"{one.key}:{role}" for one in FUNCTIONS if one.fixed for role in one.roles}
    assert {*drawn} == {*but("restrict:teacher")} - fixed


def test_what_is_given_back_is_kept_as_the_default(a_school: School) -> None:
    permit("dana", but("restrict:teacher"))
    sent = {"drawn": list(but("restrict:teacher")), **DEFAULT}
    client_of("dana").post(reverse("classroom:permissions"), sent)
    assert settings_of(a_school.id).classroom.roles == {}


def test_nobody_locks_the_admins_out(a_school: School) -> None:
    permit("dana", {})
    assert client_of("dana").get(reverse("classroom:permissions")).status_code == 200
    settings = settings_of(a_school.id).classroom
    for role in ROLES:
        kept = permissions.permissions_of(role, settings)
        assert kept == {one.key for one in FUNCTIONS if one.fixed and role in one.roles}


# People


def person(role: str = "teacher", **more: str) -> dict[str, str]:
    return {"given_name": "New", "email": "new@example.org", "role": role, **more}


def test_nobody_makes_somebody_who_may_more(a_school: School) -> None:
    address = reverse("classroom:add_person")
    for key, role, status in (
        ("tia", "school_admin", 403), ("tia", "organisation_admin", 403), ("tia", "teacher", 302),
        ("otto", "organisation_admin", 403), ("dana", "school_admin", 302),
    ):  # fmt: skip
        ClassroomAccount.objects.filter(email="new@example.org").delete()
        assert client_of(key).post(address, person(role)).status_code == status, (key, role)


def test_saving_a_person_leaves_alone_what_was_saved_meanwhile(a_school: School) -> None:
    mia, dana = ClassroomAccount.objects.get(email="mia@example.org"), client_of("dana")
    address = reverse("classroom:person", args=[mia.pk])
    shown = dict(
        re.findall(r'name="(initial-\w+)" value="(.*?)"', dana.get(address).content.decode())
    )
    change = {"family_name": "Lang"}
    a_school.do(change_classroom_account, mia, change, by=a_school.classroom.dana)
    sent = {name.removeprefix("initial-"): value for name, value in shown.items()}
    assert dana.post(address, sent | shown | {"given_name": "Maria"}).status_code == 302
    mia.refresh_from_db()
    assert (mia.display_name, mia.role) == ("Maria Lang", "student")


def test_a_technician_does_not_touch_an_admin(a_school: School) -> None:
    dana = a_school.classroom.dana.account_id
    address = reverse("classroom:person", args=[dana])
    data = person("organisation_admin", email="mine@example.org")
    assert client_of("tia").post(address, data).status_code == 403
    close = reverse("classroom:close_account", args=[dana])
    assert client_of("tia").post(close).status_code == 403


def test_an_admin_archives_others_but_not_themselves(a_school: School) -> None:
    room, dana = a_school.classroom, client_of("dana")
    dana.post(reverse("classroom:close_account", args=[room.dana.account_id]))
    dana.post(reverse("classroom:close_account", args=[room.tia.account_id]))
    closed = ClassroomAccount.objects.filter(closed_at__isnull=False)
    assert [one.display_name for one in closed] == ["Tia Novak"]


def test_an_address_that_is_taken_is_said_at_its_field(a_school: School) -> None:
    answer = client_of("dana").post(
        reverse("classroom:add_person"), person(email="park@example.org")
    )
    assert answer.status_code == 400
    assert "already has this address" in answer.content.decode()


def test_the_pass_integration_is_off_until_an_admin_ticks_it(a_school: School) -> None:
    """Row 1 of Pass in Classroom: Settings → Systems → Integrations → Save."""
    shown = page("dana", "systems")
    assert "Enable Pass integration" in shown
    data = {"class_minutes": 50, "inactive_minutes": 5, "picture_seconds": 10, "screens": "on"}
    data |= {"keep_classes_days": 30}
    data |= {f"initial-{name}": value for name, value in data.items()}
    address = reverse("classroom:systems")
    assert client_of("rivera").post(address, data | {"pass_integration": "on"}).status_code == 403
    assert not settings_of(a_school.id).classroom.pass_integration
    on = client_of("dana").post(address, data | {"pass_integration": "on"})
    assert on.status_code == 302
    assert settings_of(a_school.id).classroom.pass_integration
    data["initial-pass_integration"] = "True"
    assert client_of("dana").post(address, data).status_code == 302
    assert not settings_of(a_school.id).classroom.pass_integration


# History


def test_a_class_that_is_too_old_is_shown_to_nobody_although_nothing_was_purged(
    a_school: School,
) -> None:
    classes = Classes(a_school)
    session = classes.start()
    classes.stop(session)
    past, console = (reverse(f"classroom:{one}", args=[session.id]) for one in ("past", "console"))
    a_school.clock.move(days=30)
    for who in ("rivera", "dana"):
        assert past in page(who, "history")
        assert client_of(who).get(past).status_code == 200
    a_school.clock.move(seconds=1)
    for who in ("rivera", "dana"):
        assert past not in page(who, "history")
        assert client_of(who).get(past).status_code == 404
        assert client_of(who).get(console).status_code == 404

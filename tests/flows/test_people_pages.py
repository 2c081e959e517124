"""The admins' pages of people: lists, changes, letters, files and photos, over HTTP."""

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from corridor.accounts import letters, photos
from corridor.accounts.models import (
    Identity,
    Letter,
    LocationLink,
    PassAccount,
    Photo,
    SignIn,
)
from corridor.accounts.people import change_account
from corridor.passes.refusals import NotFound
from corridor.roster.models import Location
from corridor.web import post
from tests.accounts.importing import imported, planned
from tests.accounts.pictures import picture, zipped
from tests.flows.test_sweep import client_of
from tests.school import School
from tests.servers import free_port


def read(client: Client, name: str, *args: Any, **query: Any) -> str:
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def account(key: str) -> PassAccount:
    return PassAccount.objects.get(email=f"{key}@example.org")


# Lists


@pytest.mark.parametrize("typed", ["jo smi", "smith jo", "Smith, José", "SMITH", "o'nei", "onei"])
def test_people_are_found_in_any_order_without_accents(a_school: School, typed: str) -> None:
    a_school.add_student("jose", "José Smith-O’Neil")
    dana = client_of(a_school, "dana")
    assert "José Smith-O’Neil" in read(dana, "admin:people", q=typed)
    assert "José Smith-O’Neil" in read(client_of(a_school, "rivera"), "staff:students", q=typed)


def test_a_long_list_has_pages_that_keep_what_was_asked(a_school: School) -> None:
    for number in range(60):
        a_school.add_student(f"s{number}", f"Kid Zahl{number:02}", "7")
    dana = client_of(a_school, "dana")
    first = read(dana, "admin:people", q="kid", role="student", grade="7")
    assert "60 people" in first and first.count('class="person"') == 50
    following = re.search(r'rel="next" href="\?([^"]+)"', first)
    assert following
    second = dana.get(reverse("admin:people") + "?" + following[1].replace("&amp;", "&"))
    assert second.content.decode().count('class="person"') == 10
    for strange in ("0", "-1", "x", "99999999999999999999", "\0"):
        assert dana.get(reverse("admin:people"), {"page": strange}).status_code == 200


def test_a_new_school_is_told_what_comes_first(a_school: School) -> None:
    assert "First steps" not in read(client_of(a_school, "dana"), "admin:people")
    PassAccount.objects.filter(role="student").update(closed_at=a_school.clock.at)
    told = read(client_of(a_school, "dana"), "admin:people")
    assert "First steps" in told and "Add places" in told and "Add people" in told


# One person


def save(client: Client, who: PassAccount, **changes: str) -> Any:
    facts = {
        name: getattr(who, name)
        for name in ("given_name", "family_name", "role", "email", "grade", "number")
    }
    shown = {f"initial-{name}": value for name, value in facts.items()}
    return client.post(reverse("admin:person", args=[who.pk]), facts | shown | changes)


def test_saving_a_person_leaves_alone_what_was_saved_meanwhile(a_school: School) -> None:
    """Dana looked at Ana's page before an import gave her another grade and address."""
    ana, dana = account("ana"), client_of(a_school, "dana")
    page = read(dana, "admin:person", ana.pk)
    shown = dict(re.findall(r'name="(initial-\w+)" value="(.*?)"', page))
    assert shown["initial-grade"] == "9" and shown["initial-role"] == "student"
    a_school.do(
        change_account, account("ana"), {"grade": "11", "email": "a@example.org"}, by=a_school.dana
    )
    assert save(dana, ana, given_name="Anita", **shown).status_code == 302
    ana.refresh_from_db()
    assert (ana.display_name, ana.grade, ana.email) == ("Anita Lopez", "11", "a@example.org")
    assert save(dana, ana, grade="", **shown | {"initial-grade": "11"}).status_code == 302
    assert PassAccount.objects.get(pk=ana.pk).grade == ""


def test_an_admin_changes_names_and_the_room_follows(a_school: School) -> None:
    dana = client_of(a_school, "dana")
    save(dana, account("rivera"), display_name="Mrs. Vega", number="T7")
    room = Location.objects.get(pk=a_school.room_204)
    assert (room.name, room.adult_name) == ("Room 204", "Mrs. Vega")
    assert account("rivera").number == "T7"
    told = save(dana, account("okafor"), number="T7").content.decode()
    assert "Somebody here already has this number." in told
    told = save(dana, account("okafor"), email="rivera@example.org").content.decode()
    assert "Somebody here already has this address." in told


@pytest.mark.parametrize("name", ["\u200b\u2060", "A\x1bB", "x" * 81, "\u202eabc"])
def test_names_that_nobody_can_read_are_refused(a_school: School, name: str) -> None:
    before = a_school.last
    assert save(client_of(a_school, "dana"), account("ana"), given_name=name).status_code == 400
    assert a_school.last == before


def test_names_of_every_kind_stay_whole(a_school: School) -> None:
    dana = client_of(a_school, "dana")
    for name in ("María  del Carmen", "👩‍🚀 Zoë", "محمد", "דנה", "Nguyễn", "李小龙"):
        assert save(dana, account("ana"), given_name=name, family_name="").status_code == 302
        assert account("ana").display_name == " ".join(name.split())


def test_an_adult_becomes_a_student_by_two_presses_only(a_school: School) -> None:
    dana, before = client_of(a_school, "dana"), account("rivera")
    asked = save(dana, before, role="student")
    assert asked.status_code == 400
    assert "Yes, an adult becomes a student here" in asked.content.decode()
    assert account("rivera").role == "teacher"
    assert save(dana, before, role="student", sure="on").status_code == 302
    assert account("rivera").role == "student"
    assert save(dana, account("rivera"), role="admin").status_code == 400
    assert save(dana, account("okafor"), role="admin").status_code == 302  # an adult still


def test_an_admin_keeps_the_own_role(a_school: School) -> None:
    dana = account("dana")
    assert save(client_of(a_school, "dana"), dana, role="student").status_code == 400
    client_of(a_school, "dana").post(reverse("admin:close_account", args=[dana.pk]))
    assert account("dana").closed_at is None


def test_archiving_takes_the_places_along_and_taking_back_returns_the_room(
    a_school: School,
) -> None:
    okafor, dana = account("okafor"), client_of(a_school, "dana")
    client = client_of(a_school, "okafor")
    dana.post(reverse("admin:close_account", args=[okafor.pk]))
    assert client.get("/staff").status_code == 302
    assert list(
        LocationLink.objects.filter(account=okafor).values_list("is_personal", flat=True)
    ) == [True]
    assert Location.objects.get(pk=a_school.room_118).archived_at is not None
    with pytest.raises(NotFound):
        a_school.ask(to=a_school.room_118)
    told = client_of(a_school, "ana").get("/student").content.decode()
    assert "Room 118" not in told
    dana.post(reverse("admin:reopen_account", args=[okafor.pk]))
    assert Location.objects.get(pk=a_school.room_118).archived_at is None
    assert a_school.ask(to=a_school.room_118).state == "waiting"


def test_every_session_ends_with_the_last_open_account(a_school: School) -> None:
    a_school.add_student("two", "Two Schools")
    here = account("two")
    a_school.add_student("two", "Two Schools", school_id=a_school.other_id)
    there = PassAccount.objects.get(school_id=a_school.other_id, email="two@example.org")
    for number, used in enumerate((here, there, None)):
        SignIn.objects.create(
            session_key=str(number), expire_date=a_school.clock.at, identity=here.identity,
            account=used,
        )  # fmt: skip
    client_of(a_school, "dana").post(reverse("admin:close_account", args=[here.pk]))
    keys = SignIn.objects.filter(identity=here.identity).values_list("session_key", flat=True)
    assert sorted(keys) == ["1", "2"]
    client_of(a_school, "otto").post(reverse("admin:close_account", args=[there.pk]))
    assert not SignIn.objects.filter(identity=here.identity).exists()


# Letters


def test_an_invitation_leads_to_a_first_password_once(a_school: School) -> None:
    ana, dana = account("ana"), client_of(a_school, "dana")
    dana.post(reverse("admin:invite", args=[ana.pk]))
    assert "Invitation on its way" in read(dana, "admin:person", ana.pk)
    assert mail.outbox == []
    dana.post(reverse("admin:invite", args=[ana.pk]))
    assert post.send_due(a_school.clock.at) == 1
    (letter,) = mail.outbox
    assert letter.to == ["ana@example.org"]
    assert letter.subject == "Lakeside High: your account for hall passes"
    assert "Invited" in read(dana, "admin:person", ana.pk)
    link = re.search(r"https?://[^/]+(/account/password/reset/\S+)", str(letter.body))
    assert link
    student = Client()
    page = student.get(link[1], follow=True)
    new = "a-quite-new-password-2"
    set_at = page.redirect_chain[-1][0]
    assert student.post(set_at, {"password1": new, "password2": new}).status_code == 302
    assert Identity.objects.get(pk=ana.identity_id).check_password(new)
    again = Client().get(link[1], follow=True).content.decode()
    assert "This link does not work any more" in again


def test_an_invitation_is_good_for_two_weeks_and_a_reset_for_a_day(
    a_school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import datetime, timedelta

    from corridor.accounts.tokens import LinkTokens

    ana, rivera = account("ana").identity, account("rivera").identity
    rivera.set_password("has-one-already")
    tokens = LinkTokens()
    made = {one: tokens.make_token(one) for one in (ana, rivera)}

    def good(days: float) -> list[bool]:
        then = datetime.now() + timedelta(days=days)  # noqa: DTZ005
        monkeypatch.setattr(LinkTokens, "_now", lambda self: then)
        return [tokens.check_token(one, token) for one, token in made.items()]

    assert good(0.9) == [True, True]
    assert good(13) == [True, False]
    assert good(15) == [False, False]


def test_all_who_never_signed_in_are_invited_once(a_school: School) -> None:
    dana = client_of(a_school, "dana")
    never = letters.waiting_for_one(a_school.id).count()
    dana.post(reverse("admin:invite_all"), {"roles": ["student"]})
    assert Letter.objects.count() == 3
    dana.post(reverse("admin:invite_all"))
    dana.post(reverse("admin:invite_all"))
    assert Letter.objects.count() == never
    while post.send_due(a_school.clock.at):
        pass
    assert len(mail.outbox) == never
    assert Letter.objects.filter(sent_at__isnull=True).count() == 0


def test_nobody_who_was_archived_meanwhile_is_written_to(a_school: School) -> None:
    ana, dana = account("ana"), client_of(a_school, "dana")
    dana.post(reverse("admin:invite", args=[ana.pk]))
    dana.post(reverse("admin:close_account", args=[ana.pk]))
    post.send_due(a_school.clock.at)
    assert (mail.outbox, Letter.objects.count()) == ([], 0)


class MailServer:
    """A mail server that answers everything with one line."""

    def __init__(self, answers: dict[bytes, bytes]) -> None:
        import socket

        self._answers = answers
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._listening.accept()
            except OSError:
                return
            with caller, caller.makefile("rwb", buffering=0) as line:
                line.write(b"220 ready\r\n")
                while said := line.readline():
                    word = said.split()[0].upper() if said.split() else b""
                    line.write(self._answers.get(word, b"250 fine") + b"\r\n")
                    if word == b"QUIT":
                        break

    def close(self) -> None:
        self._listening.close()


@pytest.fixture
def refusing(settings: Any) -> Iterator[MailServer]:
    """A mail server that knows nobody."""
    server = MailServer({b"RCPT": b"550 No such person"})
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = ""
    yield server
    server.close()


def test_what_the_mail_server_refuses_is_told_to_the_admin(
    a_school: School, refusing: MailServer
) -> None:
    ana, dana = account("ana"), client_of(a_school, "dana")
    dana.post(reverse("admin:invite", args=[ana.pk]))
    post.send_due(a_school.clock.at)
    told = read(dana, "admin:people", state="failed")
    assert "1 invitation could not be sent" in told and "550 No such person" in told
    assert "Ana Lopez" in told and "Ben Carter" not in told
    assert "550 No such person" in read(dana, "admin:person", ana.pk)
    dana.post(reverse("admin:invite", args=[ana.pk]))
    assert "on its way" in read(dana, "admin:person", ana.pk)


def test_a_mail_server_that_is_away_is_asked_again(
    a_school: School, refusing: MailServer, settings: Any
) -> None:
    settings.EMAIL_PORT = free_port()
    client_of(a_school, "dana").post(reverse("admin:invite", args=[a_school.ana.account_id]))
    for wait in letters.WAITS:
        assert post.send_due(a_school.clock.at) == 1
        assert post.send_due(a_school.clock.at) == 0
        assert "ConnectionRefused" in Letter.objects.get().note
        a_school.clock.move(minutes=wait.total_seconds() / 60)
    assert post.send_due(a_school.clock.at) == 1
    assert Letter.objects.get().failed_at is not None


def test_a_forgotten_password_waits_for_no_mail_server(
    a_school: School, refusing: MailServer
) -> None:
    answer = Client().post("/account/password/reset", {"email": "ana@example.org"})
    assert answer.status_code == 302
    letter = Letter.objects.get()
    assert (letter.account_id, letter.identity.email) == (None, "ana@example.org")
    assert letters.trouble(a_school.id) == (0, "")


def test_without_a_mail_server_no_letter_is_said_to_be_on_its_way(
    a_school: School, settings: Any
) -> None:
    dana = client_of(a_school, "dana")
    address = reverse("admin:invite", args=[account("ana").pk])
    told = dana.post(address, follow=True).content.decode()
    assert "in the server’s log: it sends no mail yet" in told and "goes to" not in told
    settings.CORRIDOR = replace(settings.CORRIDOR, email_url="smtp://mail.example.org:25")
    told = dana.post(
        reverse("admin:invite", args=[account("ben").pk]), follow=True
    ).content.decode()
    assert "An invitation goes to ben@example.org." in told
    settings.CORRIDOR = replace(settings.CORRIDOR, email_url="console:")
    told = dana.post(reverse("admin:invite_all"), follow=True).content.decode()
    assert "invitations are written into the server’s log" in told


# Files


def csv(text: str) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("people.csv", text.encode())}


def test_a_file_is_looked_at_and_nothing_happens(a_school: School) -> None:
    dana, before = client_of(a_school, "dana"), a_school.last
    text = "email,name,grade,Bus\nnew@x.org,New One,9,7\nana@example.org,,12,\nbad,Bad,9,\n"
    answer = dana.post(reverse("admin:import_people"), csv(text), follow=True)
    told = answer.content.decode()
    for words in ("New One", "1 row has a problem", "Row 4", "no e-mail address", "Bus", "<del>"):
        assert words in told, words
    assert a_school.last == before
    assert 'name="leave_out"' in told
    assert "Mend it in the file and choose the file again." in told
    text += "worse,Worse,9,\n"
    told = dana.post(reverse("admin:import_people"), csv(text), follow=True).content.decode()
    assert "2 rows have problems" in told
    assert "Mend them in the file and choose the file again." in told
    kept = answer.redirect_chain[-1][0]
    assert "Row,Column" in dana.get(kept + "/problems").content.decode()


def test_many_changes_need_the_count(a_school: School) -> None:
    dana = client_of(a_school, "dana")
    for number in range(20):
        a_school.add_student(f"s{number}", f"Student Number{number}")
    text = "email\nana@example.org\n"
    looked = dana.post(reverse("admin:import_people"), csv(text) | {"archive": "yes"}, follow=True)
    kept, told = looked.redirect_chain[-1][0], looked.content.decode()
    assert "22 people would be archived. Type the number" in told
    seen = re.search(r'name="seen" value="([^"]+)"', told)
    assert seen
    for facts in ({}, {"sure_archived": "21"}):
        answer = dana.post(kept + "/begin", {"seen": seen[1], **facts})
        assert answer.status_code == 409
        assert "Type how many people are archived." in answer.content.decode()
    answer = dana.post(kept + "/begin", {"seen": "0-0-0-0-1", "sure_archived": "22"})
    assert "Somebody changed people since you looked" in answer.content.decode()
    assert PassAccount.objects.filter(closed_at__isnull=False).count() == 0


def test_what_somebody_changed_since_the_look_is_not_overwritten(a_school: School) -> None:
    """Also where as many people change as before."""
    dana = client_of(a_school, "dana")
    looked = dana.post(
        reverse("admin:import_people"), csv("email,grade\nana@example.org,12\n"), follow=True
    )
    kept, told = looked.redirect_chain[-1][0], looked.content.decode()
    seen = re.search(r'name="seen" value="([^"]+)"', told)
    assert seen
    a_school.do(change_account, account("ana"), {"grade": "11"}, by=a_school.dana)
    answer = dana.post(kept + "/begin", {"seen": seen[1]})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Somebody changed people since you looked" in text and ">11</" in text
    assert account("ana").grade == "11"


# Photos


def test_a_zip_of_photos_by_address_number_and_name(a_school: School) -> None:
    PassAccount.objects.filter(email="ben@example.org").update(number="B-17")
    a_school.add_student("cam2", "Cam Nguyen")
    files = {
        "class/ana@example.org.jpg": picture(),
        "b-17.PNG": picture("PNG"),
        "Okafor, Obi.webp": picture("WEBP"),
        "Ito Ikuko.jpg": b"no picture",
        "Nguyen, Cam.jpg": picture(),
        "Ana Lopez.jpeg": picture(),
        "nobody.jpg": picture(),
        "../dana@example.org.jpg": picture(),
        "/dana@example.org.jpg": picture(),
        "list.txt": b"hello",
        "__MACOSX/._ana.jpg": b"",
        "eli@example.org.jpg": picture(),
    }
    answer = client_of(a_school, "dana").post(
        reverse("admin:people_photos"),
        {"file": SimpleUploadedFile("a.zip", zipped(files))},
        headers={"Accept": "application/json"},
    )
    told = answer.json()
    assert (told["changed"], told["same"]) == (3, 0)
    why = {one["name"]: one["why"] for one in told["not_used"]}
    assert "no JPEG" in why["Ito Ikuko.jpg"] and "no JPEG" in why["list.txt"]
    assert "Several people" in why["Nguyen, Cam.jpg"]
    assert "has a photo in this zip already" in why["Ana Lopez.jpeg"]
    assert "Nobody here" in why["nobody.jpg"] and "Nobody here" in why["eli@example.org.jpg"]
    assert "outside" in why["../dana@example.org.jpg"] and "outside" in why["/dana@example.org.jpg"]
    assert len(why) == 8
    assert Photo.objects.count() == 3


def test_one_photo_is_told_as_one(a_school: School) -> None:
    dana = client_of(a_school, "dana")
    files = {"ana@example.org.jpg": picture(), "nobody.jpg": picture()}
    sent = {"file": SimpleUploadedFile("a.zip", zipped(files))}
    told = dana.post(reverse("admin:people_photos"), sent).content.decode()
    assert ">1 new photo, 0 as before, 1 file not used<" in told
    told = dana.post(
        reverse("admin:people_photos"),
        {"file": SimpleUploadedFile("a.zip", zipped({"cam@example.org.jpg": picture(), **files}))},
    ).content.decode()
    assert ">1 new photo, 1 as before, 1 file not used<" in told


def test_a_bomb_in_a_zip_is_not_unpacked(a_school: School) -> None:
    bomb = zipped({"ana@example.org.jpg": bytes(200_000_000)})
    assert len(bomb) < 300_000
    dana = client_of(a_school, "dana")
    answer = dana.post(reverse("admin:people_photos"), {"file": SimpleUploadedFile("a.zip", bomb)})
    assert "larger than 8 MB" in answer.content.decode()
    for data in (b"", b"PK\x05\x06" + bytes(18) + b"x", b"hello"):
        answer = dana.post(
            reverse("admin:people_photos"), {"file": SimpleUploadedFile("a.zip", data)}
        )
        assert answer.status_code in (200, 400)


def test_an_export_that_is_edited_and_imported_shows_the_new_name(a_school: School) -> None:
    dana = client_of(a_school, "dana")
    text = dana.get(reverse("admin:export_people")).content.decode("utf-8-sig")
    assert "Ms. Rivera" in text and "Ana Lopez" not in text
    assert planned(a_school, text).is_nothing
    imported(a_school, text.replace("Ana,Lopez,", "Ana,Ruiz,"))
    assert account("ana").display_name == "Ana Ruiz"
    assert ">Ana Ruiz</" in read(dana, "admin:people")


def test_a_photo_is_seen_by_adults_at_its_own_address(a_school: School) -> None:
    ana, dana = a_school.id_of(a_school.ana), client_of(a_school, "dana")
    file = SimpleUploadedFile("ana.jpg", picture())
    dana.post(reverse("admin:put_photo", args=[ana]), {"photo": file})
    mark = photos.marks_of([ana])[ana]
    address = f"/people/{ana}/photo?v={mark}"
    assert address in read(dana, "admin:people")
    rivera = client_of(a_school, "rivera")
    assert "immutable" in rivera.get(address).headers["Cache-Control"]
    assert "no-cache" in rivera.get(f"/people/{ana}/photo?v=old").headers["Cache-Control"]
    bad = SimpleUploadedFile("ana.jpg", b"<svg/>")
    told = dana.post(reverse("admin:put_photo", args=[ana]), {"photo": bad}, follow=True)
    assert "no JPEG, PNG or WebP" in told.content.decode()
    dana.post(reverse("admin:remove_photo", args=[ana]))
    assert rivera.get(address).status_code == 404


def test_the_students_list_is_places_then_teachers(a_school: School) -> None:
    told = client_of(a_school, "cam").get("/student").content.decode()
    places, teachers = told.split('id="shared-places"')[1].split('id="personal-places"')
    assert "Library" in places and "Room 204" not in places
    assert "Room 204" in teachers and "Library" not in teachers


def test_before_archiving_an_admin_reads_of_the_open_pass(a_school: School) -> None:
    dana = client_of(a_school, "dana")
    address = reverse("admin:person", args=[a_school.ana.account_id])
    assert "Archiving cancels" not in dana.get(address).content.decode()
    card = a_school.ask()
    assert "Archiving cancels this request." in dana.get(address).content.decode()
    a_school.press("approve", card, a_school.rivera)
    assert "The student is out now." in dana.get(address).content.decode()

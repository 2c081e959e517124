"""The ways in and out: a first school, a first password, sign-in, errors in words."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.house import House
from tests.browser.people import PHONE, Cast, Person, check_axe, check_width, expect
from tests.browser.school import PASSWORD

as_a_school_runs_it = pytest.mark.parametrize("house", ["plain"], indirect=True)


def choose_password(person: Person, email: str) -> None:
    """From the sign-in page by the link in the mail (which the console has)."""
    page = person.go("/account/sign-in").page
    page.get_by_role("link", name="Forgot your password?").click()
    check_axe(page)
    page.get_by_label("E-mail address").fill(email)
    person.house.new_log()
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", name="Look in your mail")).to_be_visible()
    check_axe(page)
    mail = ""
    for _ in range(50):  # it is sent a moment later, beside the requests
        mail += person.house.new_log()
        if "/account/password/reset/" in mail:
            break
        page.wait_for_timeout(100)
    assert f"To: {email}" in mail
    link = re.search(r"https?://\S+/account/password/reset/\S+", mail)
    assert link, mail
    page.goto(link[0])
    check_axe(page)
    page.get_by_label("New password", exact=False).first.fill(PASSWORD)
    again = page.locator('input[type="password"]').nth(1)
    if again.count():
        again.fill(PASSWORD)
    page.get_by_role("button", name="Save the new password").click()
    expect(page.get_by_role("heading", name="Your password is set")).to_be_visible()
    check_axe(page)
    page.goto(link[0])
    expect(page.get_by_role("heading", name="This link does not work any more")).to_be_visible()
    check_axe(page)
    person.go("/account/sign-in").sign_in(PASSWORD, email)


def add(admin: Person, path: str, **values: str) -> None:
    """An admin adds a place or a person."""
    admin.go(path)
    for name, value in values.items():
        field = admin.page.locator(f'form [name="{name}"]')
        is_choice = field.evaluate("field => field.localName") == "select"
        field.select_option(value) if is_choice else field.fill(value)
    admin.page.get_by_role("button", name="Add", exact=True).click()
    expect(admin.page.get_by_text("Added:")).to_be_visible()


def import_students(admin: Person, file: Path) -> None:
    """An admin looks at a file of students and imports it."""
    file.write_text(
        "First Name,Last Name,E-mail,Grade\nAna,Lopez,ana@example.org,9\n"
        "José,Smith,jose@example.org,10\n",
        "utf-8",
    )
    page = admin.go("/admin/people/import").page
    page.locator('input[type="file"]').set_input_files(file)
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("heading", name="What will happen")).to_be_visible()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("heading", name="Imported", exact=True)).to_be_visible()


def test_from_the_set_up_link_to_the_first_pass(tmp_path: Path, browser: Browser) -> None:
    """A new installation: school, places, people, a file, a limit, passwords, a pass."""
    house = House(tmp_path, 1, demo=False)
    people = Cast(house, browser)
    try:
        link = re.search(r"https?://\S+/setup/\S+", house.new_log())
        assert link
        admin = people.stranger()
        admin.page.goto(link[0])
        check_axe(admin.page)
        _open_the_school(admin)
        steps = admin.page.get_by_role("region", name="First steps")
        expect(steps.get_by_role("link")).to_have_text(
            ["Add places", "Add people", "Set limits", "Invite"]
        )
        check_axe(admin.page)
        add(admin, "/admin/places", name="Nurse", trip_type="layover")
        check_axe(admin.page)
        add(admin, "/admin/people/new", given_name="Ruth", family_name="Rivera", role="teacher",
            display_name="Ms. Rivera", email="ruth@example.org")  # fmt: skip
        check_axe(admin.page)
        import_students(admin, tmp_path / "students.csv")
        admin.go("/admin/settings/limits")
        admin.page.locator('[name="daily_limit"]').fill("4")
        admin.page.get_by_role("button", name="Save").first.click()
        expect(admin.page.locator('[name="daily_limit"]')).to_have_value("4")

        expect(admin.go("/staff").page.get_by_text("Nobody is waiting.")).to_be_visible()
        expect(steps).to_have_count(0)

        teacher, student = people.stranger(), people.stranger("ana", viewport=PHONE)
        teacher.page.goto(link[0])
        expect(teacher.page.get_by_role("heading", name="Set-up is done")).to_be_visible()
        choose_password(teacher, "ruth@example.org")
        expect(teacher.page.get_by_text("Nobody is waiting.")).to_be_visible()
        choose_password(student, "ana@example.org")
        expect(student.page.get_by_text("4 of 4 left today")).to_be_visible()
        student.ask("Nurse", origin="Ms. Rivera")
        teacher.press("Ana Lopez", "Approve")
        expect(student.ticket).to_contain_text("On the way")
        people.close()
    finally:
        house.close()


def _open_the_school(admin: Person) -> None:
    page = admin.page
    page.get_by_label("School").fill("Lakeside High School")
    page.get_by_label("Time zone").select_option("America/Chicago")
    page.get_by_label("Your given name").fill("Dana")
    page.get_by_label("Your family name").fill("Whitfield")
    page.get_by_label("Your e-mail address").fill("dana@example.org")
    page.get_by_label("Password").fill("dana")
    page.get_by_role("button", name="Open the school").click()
    expect(page.get_by_text("This password is too short.")).to_be_visible()
    expect(page.get_by_label("School")).to_have_value("Lakeside High School")
    check_axe(page)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Open the school").click()


@as_a_school_runs_it
def test_a_wrong_password_is_told(cast: Cast, house: House) -> None:
    """And the address stays in its field; neither says which of the two was wrong."""
    rivera = cast.stranger("rivera").go("/")
    rivera.page.wait_for_url("**/account/sign-in")
    check_axe(rivera.page)
    rivera.sign_in("not-my-password")
    expect(rivera.page.get_by_role("alert").first).to_contain_text("password")
    expect(rivera.page.get_by_label("E-mail address")).to_have_value(house.email("rivera"))
    check_axe(rivera.page)
    unknown = cast.stranger().go("/account/sign-in")
    unknown.sign_in("not-my-password", "nobody@example.org")
    told = [p.page.get_by_role("alert").first.inner_text() for p in (rivera, unknown)]
    assert told[0] == told[1]
    rivera.sign_in(PASSWORD)
    rivera.page.wait_for_url("**/staff")


@as_a_school_runs_it
def test_guessing_is_stopped(cast: Cast) -> None:
    """After five wrong ones even the right one waits; whoever is signed in is not disturbed."""
    inside = cast("rivera")
    thief = cast.stranger("rivera").go("/account/sign-in")
    for _ in range(5):
        thief.sign_in("not-my-password")
        expect(thief.page.get_by_label("Password")).to_have_value("")
    thief.sign_in(PASSWORD)
    expect(thief.page.get_by_role("alert").first).to_contain_text("Too many failed")
    check_axe(thief.page)
    inside.go("/staff/teacher-pass")
    expect(inside.page.get_by_role("heading", name="Teacher pass")).to_be_visible()


@as_a_school_runs_it
def test_nobody_is_flooded_with_mail(cast: Cast, house: House) -> None:
    """The sixth link of a minute is refused with a sentence."""
    thief = cast.stranger()
    for _ in range(6):
        thief.go("/account/password/reset")
        thief.page.get_by_label("E-mail address").fill(house.email("rivera"))
        thief.page.get_by_role("button", name="Send the link").click()
        thief.page.wait_for_load_state()
    expect(thief.page.get_by_role("heading", name="Too many attempts")).to_be_visible()
    check_axe(thief.page)


@as_a_school_runs_it
def test_the_sign_in_leads_to_where_one_wanted(cast: Cast) -> None:
    """A bookmark works after the sign-in too."""
    rivera = cast.stranger("rivera").go("/staff/teacher-pass")
    rivera.sign_in(PASSWORD)
    rivera.page.wait_for_url("**/staff/teacher-pass")


@as_a_school_runs_it
def test_signed_out_is_out(cast: Cast) -> None:
    """Back shows nothing of before."""
    rivera = cast("rivera")
    rivera.page.get_by_role("button", name="Menu of Ms. Rivera").click()
    rivera.page.get_by_role("button", name="Sign out").click()
    rivera.page.wait_for_url("**/account/sign-in")
    rivera.page.go_back()
    rivera.page.wait_for_url("**/account/sign-in**")
    expect(rivera.page.get_by_label("Password")).to_be_visible()


@as_a_school_runs_it
def test_without_an_account_one_is_told_whom_to_ask(cast: Cast, house: House) -> None:
    """The sign-in works, the school has closed the account; there is a way out."""
    house.order("close", key="ana")
    ana = cast.stranger("ana", viewport=PHONE).go("/account/sign-in")
    ana.sign_in(PASSWORD)
    expect(ana.page.get_by_role("heading", name="No account here")).to_be_visible()
    expect(ana.page.get_by_text(house.email("ana"))).to_be_visible()
    check_axe(ana.page)
    check_width(ana.page)
    ana.page.get_by_role("link", name="Sign out").click()
    check_axe(ana.page)
    ana.page.get_by_role("button", name="Sign out").click()
    expect(ana.page.get_by_label("Password")).to_be_visible()


def test_a_closed_account_leaves_the_other_school_open(cast: Cast, house: House) -> None:
    """Ms. Rivera goes on where she still is."""
    house.order("close", key="rivera")
    rivera = cast("rivera")
    expect(rivera.page.locator("header .brand")).to_contain_text("Roosevelt Middle School")


@pytest.mark.parametrize("key", ["ana", "rivera", ""])
def test_no_page_at_this_address(cast: Cast, key: str) -> None:
    """A sentence and a way back."""
    person = cast(key) if key else cast.stranger()
    answer = person.page.goto(person.url + "/nowhere")
    assert answer and answer.status == 404
    expect(person.page.get_by_role("heading", name="Not found")).to_be_visible()
    check_axe(person.page)
    person.page.get_by_role("link", name="Back to the start").click()
    expect(person.page.get_by_role("heading", name="Not found")).to_have_count(0)


def test_a_student_is_not_let_in_among_the_staff(cast: Cast) -> None:
    """Told in words, with the status for it."""
    ana = cast("ana", PHONE)
    for path in ("/staff", "/admin/people", "/staff/passes/1"):
        answer = ana.page.goto(ana.url + path)
        assert answer and answer.status == 403
        expect(ana.page.get_by_role("heading", name="Not allowed")).to_be_visible()
    check_axe(ana.page)


def test_an_old_form_says_so(cast: Cast) -> None:
    """Its token is gone with the cookies: load the page again."""
    rivera = cast("rivera", path="/staff/my-locations")
    rivera.context.clear_cookies(name="corridor-csrf")
    rivera.page.get_by_role("button", name="Save").click()
    expect(rivera.page.get_by_role("heading", name="Load the page again")).to_be_visible()
    check_axe(rivera.page)


def test_an_admin_closes_an_account(cast: Cast, house: House) -> None:
    """Asked twice; the person is out at once, and an own account cannot be closed."""
    dana, ana = cast("dana", path="/admin/people"), cast("ana", PHONE)
    people = dana.page.locator("tr")
    people.filter(has_text="Dana Whitfield").get_by_role("link").click()
    expect(dana.page.get_by_text("Archive…")).to_have_count(0)
    dana.go("/admin/people")
    people.filter(has_text="Ana Lopez").get_by_role("link").click()
    dana.page.get_by_text("Archive…").click()
    check_axe(dana.page)
    dana.page.get_by_role("button", name="Really archive").click()
    expect(dana.page.get_by_text("Archived: Ana Lopez")).to_be_visible()
    expect(people.filter(has_text="Ana Lopez")).to_have_count(0)
    ana.page.wait_for_url(re.compile("/demo|/account/sign-in"), timeout=5_000)


def test_the_same_address_and_the_same_name_are_refused(cast: Cast, house: House) -> None:
    """At the field, with what was typed."""
    dana = cast("dana", path="/admin/people/new")
    dana.page.get_by_label("Given name").fill("Again")
    dana.page.get_by_label("E-mail address").fill(house.email("ana"))
    dana.page.get_by_role("button", name="Add", exact=True).click()
    expect(dana.page.get_by_text("Somebody here already has this address.")).to_be_visible()
    expect(dana.page.get_by_label("Given name")).to_have_value("Again")
    check_axe(dana.page)
    dana.go("/admin/places")
    dana.page.get_by_label("Name", exact=True).fill("nurse")
    dana.page.get_by_role("button", name="Add", exact=True).click()
    expect(dana.page.get_by_text("The school already has a location of this name.")).to_be_visible()
    check_axe(dana.page)


def test_everybody_of_the_demonstration_is_one_press_away(cast: Cast, house: House) -> None:
    """As whoever one likes to be."""
    house.open_school(demo=True)
    for name, title in (
        ("Ana Lopez", "Pass"), ("Eli Marsh", "Pass"), ("Nurse Ito", "Dashboard"),
        ("Dana Whitfield", "Dashboard"),
    ):  # fmt: skip
        guest = cast.stranger("rivera", viewport=PHONE).go("/")
        check_axe(guest.page)
        check_width(guest.page)
        guest.page.get_by_role("button", name=name).click()
        expect(guest.page).to_have_title(f"{title} · Corridor")

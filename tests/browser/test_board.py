"""The dashboard: nothing moves under a hand, everything is told, everything works by keyboard."""

import re

from playwright.sync_api import Route

from tests.browser.house import House
from tests.browser.people import NARROW, PHONE, WIDE, Cast, check_axe, check_width, expect

ROWS_SEEN = """[...document.querySelectorAll('.row')].filter(
    row => row.getBoundingClientRect().bottom <= innerHeight).length"""


def test_under_a_pointer_nothing_moves(cast: Cast, house: House) -> None:
    """What arrives waits behind a bar until the reader presses it."""
    house.order("ask", key="cam", to="Nurse")
    rivera = cast("rivera")
    rivera.point_at("Cam Nguyen")
    before = rivera.tops()

    house.order("enrol", names=["Amara Diallo"])
    house.order("ask", key="ana", to="Nurse")
    house.order("ask", key="amara", to="Nurse")

    expect(rivera.news).to_have_text("2 new")
    assert rivera.tops() == before
    check_axe(rivera.page)
    rivera.news.click()
    expect(rivera.row("Amara Diallo")).to_be_visible()
    assert rivera.names("waiting") == ["Cam Nguyen", "Ana Lopez", "Amara Diallo"]
    expect(rivera.news).to_be_hidden()


def test_the_numbers_of_the_building_stay_with_their_word(cast: Cast, house: House) -> None:
    """Where the line is too short they go to the next one together."""
    house.order("allow_auto", names=["Nurse"])
    rivera = cast("rivera")
    for width in range(1100, 1400, 60):
        rivera.page.set_viewport_size({"width": width, "height": 768})
        word = rivera.page.get_by_text("Building", exact=True).bounding_box()
        numbers = rivera.page.locator(".tiles").bounding_box()
        assert word and numbers
        assert numbers["y"] <= word["y"] + word["height"] / 2 <= numbers["y"] + numbers["height"]
        assert 0 < numbers["x"] - word["x"] - word["width"] < 30, width


def test_what_waits_is_shown_when_the_pointer_leaves(cast: Cast, house: House) -> None:
    """Nobody has to press the bar."""
    house.order("ask", key="cam", to="Nurse")
    rivera = cast("rivera")
    rivera.point_at("Cam Nguyen")
    house.order("ask", key="ana", to="Nurse")
    expect(rivera.news).to_have_text("1 new")
    rivera.look_away()
    expect(rivera.row("Ana Lopez")).to_be_visible()
    expect(rivera.news).to_be_hidden()


def test_who_may_not_read_an_ended_pass_sees_it_end_and_go(cast: Cast, house: House) -> None:
    """Under a pointer the row says that it is over, and goes when the pointer leaves."""
    house.order("decide", ended_shown_to="concerned")
    house.order("ask", key="ana", to="Nurse")
    house.order("press", move="approve", student="ana", by="rivera")
    okafor = cast("okafor", path="/staff?scope=all")
    okafor.point_at("Ana Lopez")
    house.order("press", move="end", student="ana", by="rivera")
    expect(okafor.row("Ana Lopez")).to_contain_text("Pass ended")
    expect(okafor.row("Ana Lopez").locator(".name-button")).to_have_text("Ana Lopez")
    okafor.look_away()
    expect(okafor.row("Ana Lopez")).to_have_count(0)


def test_a_dialog_closes_whose_reader_may_not_read_it_any_more(cast: Cast, house: House) -> None:
    """Without a word that something was not allowed: nobody has pressed anything."""
    house.order("decide", ended_shown_to="concerned")
    house.order("ask", key="ana", to="Nurse")
    house.order("press", move="approve", student="ana", by="rivera")
    okafor = cast("okafor", path="/staff?scope=all")
    okafor.row("Ana Lopez").locator(".name-button").click()
    expect(okafor.detail).to_contain_text("Ms. Rivera, 204")
    house.order("press", move="end", student="ana", by="rivera")
    expect(okafor.detail).to_be_hidden()
    expect(okafor.toast).to_have_count(0)


def test_under_a_pointer_a_row_still_tells_the_truth(cast: Cast, house: House) -> None:
    """Word, tone and buttons change in place; only the place itself waits."""
    house.order("ask", key="cam", to="Nurse")
    house.order("ask", key="ana", to="Nurse")
    rivera = cast("rivera")
    rivera.point_at("Ana Lopez")
    before = rivera.tops()

    house.order("press", move="withdraw", student="cam", by="cam")
    expect(rivera.row("Cam Nguyen")).to_contain_text("Withdrawn")
    approve = rivera.row("Cam Nguyen").get_by_role("button", name="Approve")
    expect(approve).to_have_attribute("aria-disabled", "true")
    expect(rivera.news).to_have_text("1 changed")
    assert rivera.tops() == before

    rivera.look_away()
    expect(rivera.row("Cam Nguyen")).to_have_count(0)
    expect(rivera.row("Ana Lopez")).to_be_visible()


def test_under_the_focus_nothing_moves(cast: Cast, house: House) -> None:
    """As under a pointer, for whoever works by keyboard; the focus stays where it was."""
    house.order("ask", key="cam", to="Nurse")
    rivera = cast("rivera")
    approve = rivera.row("Cam Nguyen").get_by_role("button", name="Approve")
    rivera.page.keyboard.press("Tab")
    while not approve.evaluate("button => button === document.activeElement"):
        rivera.page.keyboard.press("Tab")
    before = rivera.tops()

    house.order("ask", key="ana", to="Nurse")
    expect(rivera.news).to_have_text("1 new")
    assert rivera.tops() == before
    expect(approve).to_be_focused()


def test_a_pressed_row_moves_when_the_pointer_leaves(cast: Cast, house: House) -> None:
    """A press answers at once, in place, and is no news to whoever pressed."""
    house.order("ask", key="ana", to="Nurse")
    rivera = cast("rivera")
    rivera.row("Ana Lopez").get_by_role("button", name="Approve").click()
    expect(rivera.row("Ana Lopez")).to_contain_text("On the way")
    assert rivera.names("waiting") == ["Ana Lopez"]
    expect(rivera.news).to_be_hidden()
    rivera.look_away()
    expect(rivera.page.locator('ul[data-section="out"] .row')).to_have_count(1)


def test_a_pressed_row_can_be_pressed_again_where_it_is(cast: Cast, house: House) -> None:
    """The next button comes in place; the second half of a double press does not hit it."""
    house.order("ask", key="ana", to="Nurse")
    rivera = cast("rivera")
    row = rivera.row("Ana Lopez")
    row.get_by_role("button", name="Approve").dblclick()
    expect(row).to_contain_text("On the way")
    end = row.get_by_role("button", name="End pass")
    expect(end).to_be_visible()
    expect(end).not_to_have_attribute("aria-disabled", "true")
    expect(row).to_contain_text("On the way")
    assert rivera.names("waiting") == ["Ana Lopez"]  # the pointer has not left
    end.click()
    expect(row).to_contain_text("Pass ended")


def test_a_pressed_row_keeps_the_focus_for_its_next_button(cast: Cast, house: House) -> None:
    """By keyboard: Enter approves, the focus stays in the row, Enter again ends."""
    house.order("ask", key="ana", to="Nurse")
    rivera = cast("rivera")
    approve = rivera.row("Ana Lopez").get_by_role("button", name="Approve")
    rivera.page.keyboard.press("Tab")
    while not approve.evaluate("button => button === document.activeElement"):
        rivera.page.keyboard.press("Tab")
    rivera.page.keyboard.press("Enter")
    end = rivera.row("Ana Lopez").get_by_role("button", name="End pass")
    expect(end).to_be_focused()
    expect(end).not_to_have_attribute("aria-disabled", "true")
    rivera.page.keyboard.press("Enter")
    expect(rivera.row("Ana Lopez")).to_contain_text("Pass ended")


def test_a_request_is_told_politely(cast: Cast, house: House) -> None:
    """In words for a screen reader and as a number in the title; the focus stays."""
    rivera = cast("rivera")
    expect(rivera.page).to_have_title("Dashboard · Corridor")
    rivera.page.get_by_role("link", name="All passes").focus()
    house.order("ask", key="ana", to="Nurse")
    expect(rivera.announced).to_have_text("Ana Lopez asks: Ms. Rivera, 204 to Nurse")
    expect(rivera.announced).to_have_attribute("aria-live", "polite")
    expect(rivera.page).to_have_title("(1) Dashboard · Corridor")
    expect(rivera.page.get_by_role("link", name="All passes")).to_be_focused()

    house.order("press", move="approve", student="ana", by="rivera")
    expect(rivera.page).to_have_title("Dashboard · Corridor")


def test_the_wish_for_a_sound_is_remembered(cast: Cast, house: House) -> None:
    """Off until wished for; the next page still knows, and a request rings once."""
    rivera = cast("rivera")
    rivera.page.add_init_script(
        "window.rung = 0; const start = OscillatorNode.prototype.start;"
        "OscillatorNode.prototype.start = function (...all) { rung += 1; start.apply(this, all); }"
    )
    rivera.go("/staff")
    rivera.page.get_by_role("button", name="Menu of Ms. Rivera").click()
    sound = rivera.page.get_by_role("button", name="Sound for new requests")
    expect(sound).to_have_attribute("aria-pressed", "false")
    sound.click()
    expect(sound).to_have_attribute("aria-pressed", "true")
    check_axe(rivera.page)

    rivera.go("/staff")
    house.order("ask", key="ana", to="Nurse")
    expect(rivera.row("Ana Lopez")).to_be_visible()
    rivera.until("rung === 2")  # one ring has two tones
    rivera.page.get_by_role("button", name="Menu of Ms. Rivera").click()
    expect(sound).to_have_attribute("aria-pressed", "true")


def test_the_ended_tab_grows_by_itself(cast: Cast, house: House) -> None:
    """The newest first, with who ended it."""
    rivera = cast("rivera", path="/staff?tab=ended")
    assert rivera.names("ended") == ["Ben Carter"]
    house.order("ask", key="ana", to="Nurse")
    house.order("press", move="cancel", student="ana", by="rivera")
    expect(rivera.row("Ana Lopez")).to_contain_text("by Ms. Rivera")
    assert rivera.names("ended") == ["Ana Lopez", "Ben Carter"]
    check_axe(rivera.page)


def test_all_passes_are_the_whole_building(cast: Cast, house: House) -> None:
    """Whoever has no part in a pass sees it there, live, and has nothing to press."""
    okafor = cast("okafor")
    house.order("ask", key="ana", to="Nurse")
    okafor.page.get_by_role("link", name="All passes").click()
    expect(okafor.row("Ana Lopez")).to_be_visible()
    expect(okafor.row("Ana Lopez").locator("[data-move]")).to_have_count(0)
    house.order("press", move="approve", student="ana", by="rivera")
    expect(okafor.row("Ana Lopez")).to_contain_text("On the way")
    okafor.page.get_by_role("link", name="My passes").click()
    expect(okafor.row("Ana Lopez")).to_have_count(0)


def test_another_school_sees_nothing(cast: Cast, house: House) -> None:
    """Ms. Rivera's other school knows nothing of this one's passes."""
    rivera = cast("rivera")
    rivera.page.get_by_role("button", name="Menu of Ms. Rivera").click()
    check_axe(rivera.page)
    rivera.page.get_by_role("button", name="Roosevelt Middle School").click()
    expect(rivera.page.locator("header .brand")).to_contain_text("Roosevelt Middle School")
    rivera.go("/staff?scope=all")
    house.order("ask", key="ana", to="Nurse")
    rivera.page.wait_for_timeout(1500)
    assert rivera.names() == []


def test_twenty_rows_are_seen_at_once(cast: Cast, house: House) -> None:
    """A class of 22 on the most common small screen: 20 whole rows without scrolling."""
    count = house.order("fill")
    rivera = cast("rivera", WIDE)
    assert len(rivera.names()) == count
    assert rivera.page.evaluate(ROWS_SEEN) >= 20
    check_axe(rivera.page)


def test_the_numbers_of_my_places_cost_no_row_and_move_nothing(cast: Cast, house: House) -> None:
    """They stand in a line that was there; who is full says so where it stands."""
    house.order("look_after", key="rivera", names=["Lab"], capacity=1)
    house.order("change_place", name="Ms. Rivera, 204", room_limit=30)
    house.order("fill")
    rivera = cast("rivera", WIDE)
    own = rivera.page.locator("own-numbers")
    lab = own.locator(".tile-number", has_text="Lab")
    expect(own.locator(".tile-number")).to_have_text(
        [re.compile(r"mine\s*14"), re.compile(r"Lab\s*0 / 1"), re.compile(r"204\s*22 / 30 out")]
    )
    expect(lab.get_by_text("full")).not_to_be_visible()
    before = [one.bounding_box() for one in own.locator(".tile-number").all()]
    house.order("ask", key="ana", to="Lab")
    expect(lab).to_contain_text("1 / 1")
    expect(lab.get_by_text("full")).to_be_visible()
    assert [one.bounding_box() for one in own.locator(".tile-number").all()] == before
    assert rivera.page.evaluate(ROWS_SEEN) >= 20
    check_axe(rivera.page)
    rivera.page.emulate_media(color_scheme="dark")
    check_axe(rivera.page)


def test_many_places_run_on_sideways(cast: Cast, house: House) -> None:
    """The list stands where it stood; whoever has no pointer reaches the last one too."""
    house.order("ask", key="ana", to="Nurse")
    for size in (WIDE, PHONE, NARROW):
        rivera = cast("rivera", size)
        own = rivera.page.locator("own-numbers")
        numbers = own.locator(".tile-number")
        expect(numbers).to_have_count(1)
        expect(own).not_to_have_attribute("tabindex", "0")
        before = rivera.tops()
        names = [f"Practice room {number} of {size['width']}" for number in range(12)]
        house.order("look_after", key="rivera", names=names, capacity=3)
        expect(numbers).to_have_count(13)
        expect(own).to_have_attribute("tabindex", "0")
        assert rivera.tops() == before
        expect(numbers.last).not_to_be_in_viewport()
        own.focus()
        for _ in range(80):
            rivera.page.keyboard.press("ArrowRight")
        expect(numbers.last).to_be_in_viewport()
        check_axe(rivera.page)
        check_width(rivera.page)
        house.order("look_after", key="rivera", names=[])
        expect(numbers).to_have_count(1)


def test_the_detail_tells_the_whole_story(cast: Cast, house: House) -> None:
    """Who did what when, and comments of the adults of the pass."""
    house.order("ask", key="ana", to="Nurse", reason="Headache")
    house.order("press", move="approve", student="ana", by="rivera")
    rivera = cast("rivera")
    rivera.row("Ana Lopez").get_by_role("button", name="Ana Lopez").first.click()
    expect(rivera.detail.locator(".story li")).to_have_count(2)
    expect(rivera.detail).to_contain_text("Headache")
    expect(rivera.detail.locator(".story")).to_contain_text("Approved")
    check_axe(rivera.page)

    rivera.detail.get_by_label("Your comment").fill("Call <b>home</b>.\nThen bring her back.")
    rivera.detail.get_by_role("button", name="Add comment").click()
    expect(rivera.detail.locator(".comment")).to_contain_text("Call <b>home</b>.")
    expect(rivera.detail.get_by_label("Your comment")).to_have_value("")
    check_axe(rivera.page)

    house.order("press", move="arrive", student="ana", by="ito")
    expect(rivera.detail.locator(".story")).to_contain_text("Arrived")
    rivera.detail.get_by_role("button", name="End pass").click()
    expect(rivera.detail.locator(".chip").first).to_have_text("Pass ended")


def test_a_comment_that_is_too_long_keeps_its_text(cast: Cast, house: House) -> None:
    """Refused with a sentence that says how long; nothing typed is lost."""
    house.order("ask", key="ana", to="Nurse")
    rivera = cast("rivera")
    rivera.row("Ana Lopez").get_by_role("button", name="Ana Lopez").first.click()
    rivera.detail.get_by_label("Your comment").fill("x" * 201)
    rivera.detail.get_by_role("button", name="Add comment").click()
    expect(rivera.toast).to_contain_text("The comment has 201 characters; at most 200 fit.")
    expect(rivera.detail.get_by_label("Your comment")).to_have_value("x" * 201)
    check_axe(rivera.page)


def test_the_times_of_a_system_ended_pass_are_set_right(cast: Cast, house: House) -> None:
    """An adult of the pass says when the student was really back."""
    house.order("ask", key="ana", to="Nurse")
    house.order("press", move="approve", student="ana", by="rivera")
    house.let_pass(31)
    rivera = cast("rivera", path="/staff?tab=ended")
    expect(rivera.row("Ana Lopez")).to_contain_text("System ended")
    rivera.row("Ana Lopez").get_by_role("button", name="Ana Lopez").first.click()
    field = rivera.detail.get_by_label("When was the student really back?")
    check_axe(rivera.page)

    right = field.input_value()
    field.fill(re.sub(r"^\d{4}", "2001", right))
    rivera.detail.get_by_role("button", name="Save the time").click()
    expect(rivera.toast).to_contain_text("Choose a time after the pass began and not after now.")

    field.fill(right)
    rivera.detail.get_by_role("button", name="Save the time").click()
    expect(rivera.detail.locator(".story")).to_contain_text("Times edited")
    rivera.page.keyboard.press("Escape")
    expect(rivera.row("Ana Lopez")).to_contain_text("Pass ended")


def test_whoever_has_no_part_in_a_pass_only_reads(cast: Cast, house: House) -> None:
    """The story without buttons and fields."""
    house.order("ask", key="ana", to="Nurse")
    okafor = cast("okafor", path="/staff?scope=all")
    okafor.row("Ana Lopez").get_by_role("button", name="Ana Lopez").first.click()
    expect(okafor.detail.locator(".story")).to_contain_text("Requested")
    expect(okafor.detail.locator("form, textarea")).to_have_count(0)


def test_everything_goes_by_keyboard(cast: Cast, house: House) -> None:
    """Sign in, approve, look at the story, leave it: without a pointer."""
    house.order("ask", key="ana", to="Nurse")
    rivera = cast.stranger("rivera").go("/account/sign-in")
    keys = rivera.page.keyboard
    rivera.page.get_by_label("E-mail address").focus()
    keys.type(house.email("rivera"))
    keys.press("Tab")
    keys.type("a-quiet-corridor-7")
    keys.press("Enter")
    expect(rivera.row("Ana Lopez")).to_be_visible()

    name = rivera.row("Ana Lopez").locator(".name-button")
    approve = rivera.row("Ana Lopez").get_by_role("button", name="Approve")
    for target in (name, approve):
        while not target.evaluate("button => button === document.activeElement"):
            keys.press("Tab")
    keys.press("Enter")
    expect(rivera.row("Ana Lopez")).to_contain_text("On the way")
    expect(rivera.page.locator(":focus")).to_have_count(1)

    while not name.evaluate("button => button === document.activeElement"):
        keys.press("Shift+Tab")
    keys.press("Enter")
    expect(rivera.detail.locator(".story")).to_be_visible()
    assert rivera.detail.evaluate("dialog => dialog.contains(document.activeElement)")
    keys.press("Escape")
    expect(rivera.detail).to_be_hidden()
    expect(name).to_be_focused()


def test_a_menu_opens_and_closes_by_keyboard(cast: Cast) -> None:
    """Escape closes it and gives the focus back."""
    rivera = cast("rivera")
    menu = rivera.page.get_by_role("button", name="Menu of Ms. Rivera")
    menu.press("Enter")
    expect(rivera.page.locator("#menu")).to_be_visible()
    rivera.page.keyboard.press("Tab")
    rivera.page.keyboard.press("Escape")
    expect(rivera.page.locator("#menu")).to_be_hidden()
    expect(menu).to_be_focused()


def test_a_teacher_pass_warns_and_is_made_all_the_same(cast: Cast, house: House) -> None:
    """Ben has used his passes: the teacher is told and decides; the pass says so."""
    rivera = cast("rivera", path="/staff/teacher-pass")
    rivera.page.get_by_role("combobox", name="Student").fill("ben")
    check_axe(rivera.page)
    rivera.page.get_by_role("option", name="Ben Carter").click()
    rivera.page.get_by_label("Destination").select_option("Nurse")
    rivera.page.get_by_label("Pre-approve").check()
    expect(rivera.page.locator("#check")).to_contain_text("This pass breaks a rule")
    check_axe(rivera.page)

    rivera.page.get_by_role("button", name="Create pass").click()
    expect(rivera.row("Ben Carter")).to_contain_text("On the way")
    rivera.row("Ben Carter").locator(".name-button").click()
    expect(rivera.detail).to_contain_text("Overridden")
    check_axe(rivera.page)


def test_who_types_before_the_page_is_ready_finds_the_student_too(cast: Cast, house: House) -> None:
    """On a slow machine the scripts come after the first letters."""
    rivera = cast("rivera")
    late: list[Route] = []
    rivera.page.route("**/student-search*.js", lambda one: late.append(one))
    rivera.page.goto(f"{rivera.url}/staff/teacher-pass", wait_until="commit")
    rivera.page.get_by_role("combobox", name="Student").press_sequentially("ben")
    rivera.page.wait_for_timeout(300)
    late[0].continue_()
    expect(rivera.page.get_by_role("option", name="Ben Carter")).to_be_visible()

"""What people do on the chat page: the way to a video, keys only, tabs, restarts, places, odd names."""

from __future__ import annotations

import io
import re

import pytest
from page.conftest import OpenPage, find_chromium
from page.scripts import AS_DRAWN, BRIGHTNESS, CALLED, DRAWN, FAINT, GIVE, HEARD, NAMELESS, PLAYED, SEEN_DOING
from PIL import Image
from playwright.async_api import Page, expect
from support.studio_talk import all_read, arrive, delivered
from support.studio_talk import begin as begin_order

from sandbox.faults import FaultKind
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")

_ODD = '<img src=x onerror="document.title=1">&amp;"'


async def press(page: Page, label: str | re.Pattern[str]) -> None:
    """Press a button of the newest message, once there is such a button."""
    await page.locator(".message:last-child .key").filter(has_text=label).click()


async def write(page: Page, text: str) -> None:
    field = page.locator("textarea.field")
    await field.fill(text)
    await field.press("Escape")
    await field.press("Enter")


async def begin(page: Page) -> None:
    await page.locator(".closed button").click()
    await page.locator(".message .key").first.wait_for()


async def reload(page: Page) -> None:
    """Load the page anew; what stood there stands there again, and what was begun to be written."""
    messages, field = page.locator(".message, .service"), page.locator("textarea.field")
    count = await messages.count()
    await field.fill("half a thought")
    await page.reload()
    await expect(messages).to_have_count(count)
    await expect(field).to_have_value("half a thought")


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ru", 390)])
async def test_from_start_over_a_payment_to_a_video_that_plays(
    studio: Studio, open_page: OpenPage, language: str, width: int
) -> None:
    model, doing, paying = {
        "en": ("Demo video", "is sending a video…", "Pay ⭐️ 50"),
        "ru": ("Демо-видео", "отправляет видео…", "Оплатить ⭐️ 50"),
    }[language]
    person = studio.person(f"Alex {language}", language, stars=1000)
    page = await open_page(person.name, width=width)
    await begin(page)
    await write(page, "/buy")
    await press(page, re.compile(r"^50 ⭐"))
    await press(page, "✅")
    await expect(page.locator(".key.pay")).to_have_text(paying)
    await page.locator(".key.pay").click()
    sheet = page.get_by_role("dialog")
    await expect(sheet).to_contain_text("50 ⭐")
    await sheet.locator(".main").click()
    await expect(sheet).to_have_count(0)
    await expect(page.locator(".invoice .paid")).to_be_visible()
    assert person.stars == 950
    await page.evaluate(SEEN_DOING)
    await write(page, "/generate")
    await press(page, model)
    await expect(page.locator(".message").last).to_contain_text(model)
    await write(page, "a red fox in the snow")
    await press(page, "✨")
    await page.locator("video").wait_for()
    assert await page.evaluate(PLAYED) == [854, 480, 5]
    assert doing in await page.evaluate("[...window.seenDoing]")
    # Nothing is wider than the page, on a phone neither.
    for each in {width, 390}:
        await page.set_viewport_size({"width": each, "height": 844})
        await expect(page.locator("video")).to_be_in_viewport()
        assert await page.evaluate("document.documentElement.scrollWidth") <= each
    assert await page.evaluate("document.documentElement.lang") == language
    await reload(page)
    await expect(page.locator(".invoice .paid")).to_be_visible()
    assert await page.evaluate(PLAYED) == [854, 480, 5]
    # On a phone the person with the balance is a step back.
    await page.locator("#chat .head button").first.click()
    await expect(page.locator(".stars")).to_have_text("⭐ 950")


async def step_to(page: Page, label: str, key: str = "Shift+Tab") -> None:
    """Go by keyboard to what is called so, in sight or for a screen reader."""
    for _ in range(100):
        if label in await page.evaluate(CALLED):
            return
        await page.keyboard.press(key)
    raise AssertionError(f"no key leads to {label!r}")


async def test_the_keyboard_is_enough_from_start_to_the_video(studio: Studio, open_page: OpenPage) -> None:
    person = studio.person("Keys", stars=120)
    page = await open_page("Keys")
    await step_to(page, "START", "Tab")
    await page.keyboard.press("Enter")
    await page.locator(".message .key").first.wait_for()
    field = page.locator("textarea.field")
    await expect(field).to_be_focused()
    await page.keyboard.type("/hel")
    await expect(page.get_by_role("option")).to_have_count(1)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message.out").last).to_contain_text("/help")
    newest = page.locator(".message.in").last
    await expect(newest).to_contain_text("/balance")
    # Backwards from the field: over the menu's button into the newest keyboard.
    await step_to(page, "Create")
    await page.keyboard.press("Enter")
    await expect(newest).to_contain_text("What shall we make?")
    await step_to(page, "Demo video", "Tab")
    await page.keyboard.press("Enter")
    await expect(newest).to_contain_text("Describe in your own words")
    await step_to(page, "Message", "Tab")
    await expect(field).to_be_focused()
    await page.keyboard.type("a red fox in the snow")
    await page.keyboard.press("Enter")
    await expect(newest).to_contain_text("a red fox in the snow")
    await step_to(page, "✨")
    await page.keyboard.press("Enter")
    await page.locator("video").wait_for()

    # And from a price to the payment, on the sheet as well.
    await step_to(page, "Message", "Tab")
    await page.keyboard.type("/buy")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Enter")
    for label, key in (("100 ⭐", "Shift+Tab"), ("✅", "Tab"), ("⭐️ 100", "Tab")):
        await expect(newest.locator(".key").filter(has_text=label)).to_be_visible()
        await step_to(page, label, key)
        await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog").locator(".main")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator(".invoice .paid")).to_be_visible()
    assert person.stars == 20


async def test_reload_and_a_second_tab_show_the_same(studio: Studio, open_page: OpenPage) -> None:
    studio.person("Tabs")
    page = await open_page("Tabs")
    await begin(page)
    other = await open_page("Tabs", beside=page)
    await write(page, "/help")
    await expect(other.locator(".message.in").last).to_contain_text("/balance")
    shown = await page.locator(".message .text").all_inner_texts()
    assert await other.locator(".message .text").all_inner_texts() == shown
    await page.reload()
    await expect(page.locator(".message .text")).to_have_count(len(shown))
    assert await page.locator(".message .text").all_inner_texts() == shown


async def test_a_bot_that_is_away_is_told_and_answers_later(studio: Studio, open_page: OpenPage) -> None:
    studio.person("Patience")
    page = await open_page("Patience")
    await begin(page)
    await expect(page.locator("#banner")).to_be_hidden()
    await studio.shut()
    await expect(page.locator("#banner")).to_contain_text("Starloom")
    await write(page, "/help")
    await expect(page.locator(".message.out").last).to_contain_text("/help")
    await studio.launch()
    await expect(page.locator("#banner")).to_be_hidden()
    await expect(page.locator(".message.in").last).to_contain_text("/balance")


async def test_names_texts_and_file_names_are_never_markup(studio: Studio, open_page: OpenPage) -> None:
    person = studio.person(_ODD)
    page = await open_page(str(person.id))
    await begin(page)
    await person.send(_ODD)
    await person.send_document(b"<script>document.title=1</script>", f"{_ODD}.html", "text/html", _ODD)
    name = page.locator(".paper .file-name")
    await expect(name).to_have_text(f"{_ODD}.html")
    await expect(page.locator(".who b")).to_have_text(_ODD)
    assert await page.locator("img[src='x']").count() == 0
    assert await page.title() == f"{_ODD} · Starloom"
    assert await page.evaluate(DRAWN) == AS_DRAWN


async def test_a_title_of_a_group_is_no_markup_and_its_kind_is_told(
    studio: Studio, open_page: OpenPage
) -> None:
    studio.person("Founder")
    studio.person("Guest")
    page = await open_page("Founder")
    for kind, told in (("supergroup", "group · "), ("channel", "channel · ")):
        await page.get_by_label("New group or channel").click()
        sheet = page.get_by_role("dialog")
        await sheet.get_by_role("textbox", name="Title").fill(f"{_ODD}{kind}")
        await sheet.get_by_role("combobox", name="Kind").select_option(kind)
        await sheet.locator("button[type=submit]").click()
        await expect(page.locator("#chat .head b")).to_have_text(f"{_ODD}{kind}")
        await expect(page.locator("#chat .head .dim")).to_contain_text(told)
        await write(page, "hello, everybody")
        await expect(page.locator(".message.out").last).to_contain_text("hello, everybody")
    await page.locator(".chat-row").filter(has_text="supergroup").click()
    await write(page, f"/help@{studio.bot.username}")
    await expect(page.locator(".message.in").last).to_contain_text("what I can do in a group")
    guest = await open_page("Guest")
    await guest.locator(".chat-row").filter(has_text="supergroup").click()
    await expect(guest.locator(".message.in .sender").first).to_have_text("Founder")
    await expect(guest.locator(".message.in").last).to_contain_text("what I can do in a group")
    assert await guest.locator("img[src='x']").count() == await page.locator("img[src='x']").count() == 0


async def test_what_somebody_made_is_shared_in_another_chat_by_keyboard(
    studio: Studio, open_page: OpenPage
) -> None:
    sharer = await arrive(studio, "Sharer")
    friend = studio.person("Friend")
    group = studio.sandbox.add_group("Club", [sharer, friend, studio.bot])
    await sharer.send("hi", to=group)
    page = await open_page("Sharer")
    await page.locator(".chat-row").filter(has_text="Club").click()
    field = page.locator("textarea.field")
    await field.press_sequentially("@")
    await expect(page.get_by_role("option")).to_contain_text(f"@{studio.bot.username}")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(field).to_have_value(f"@{studio.bot.username} ")
    # Nothing is there yet: the one thing to choose leads to the bot.
    await expect(page.get_by_role("option")).to_have_count(1)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator("#chat .head b")).to_have_text(studio.bot.name)
    await expect(page.locator(".message.out").last).to_contain_text("/start share")
    await sharer.expect("Good to see you", kind="new")
    await begin_order(sharer, "a red fox")
    await delivered(sharer)
    await studio.settled(sharer)
    await page.locator(".chat-row").filter(has_text="Club").click()
    await field.press_sequentially(f"@{studio.bot.username} image")
    await expect(page.get_by_role("option").locator("img")).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    shared = page.locator(".message.out").last
    await expect(shared.locator(".picture img")).to_be_visible()
    await expect(shared).to_contain_text(f"via @{studio.bot.username}")
    await expect(field).to_have_value("")


async def test_a_picture_that_is_exchanged_is_seen(studio: Studio, open_page: OpenPage) -> None:
    studio.person("Curious")
    page = await open_page("Curious")
    await begin(page)
    await write(page, "/mystats")
    picture = page.locator(".message:last-child .picture img")
    before = await picture.get_attribute("src")
    await press(page, "30")
    await expect(picture).not_to_have_attribute("src", str(before))


async def test_somebody_new_finds_commands_colours_and_a_name_on_everything(
    studio: Studio, open_page: OpenPage
) -> None:
    studio.person("Host")
    page = await open_page("Host", color_scheme="dark")
    await page.get_by_label("Switch person").click()
    assert await page.evaluate(NAMELESS) == []
    await page.get_by_role("button", name="New person").click()
    sheet = page.get_by_role("dialog", name="New person")
    await sheet.get_by_role("textbox", name="Name").fill("Newcomer")
    assert await page.evaluate(NAMELESS) == []
    await sheet.get_by_role("button", name="Create").click()
    await expect(page.get_by_label("You are Newcomer")).to_be_visible()
    await begin(page)
    assert "Newcomer" in {person.name for person in studio.sandbox.people}
    await page.get_by_role("button", name="Commands").click()
    commands = page.get_by_role("option")
    await expect(commands.filter(has_text="/generate")).to_be_visible()
    assert await page.evaluate(NAMELESS) == []
    await commands.filter(has_text="/help").click()
    await expect(page.locator(".message.in").last).to_contain_text("/balance")
    await expect(page.locator(".message.in strong").filter(has_text="Creating")).to_be_visible()
    await expect(page.locator(".message.in").last.get_by_role("button", name="/generate")).to_be_visible()
    await page.get_by_label("New group or channel").click()
    assert await page.evaluate(NAMELESS) == []
    await page.keyboard.press("Escape")
    # The machine's own colours first, then those that somebody chose, which are kept.
    await page.get_by_label("Behind the scenes").first.click()
    await page.get_by_label("Switch person").click()
    assert await page.evaluate(BRIGHTNESS) < 0.3
    assert await page.evaluate(FAINT) == []
    await page.keyboard.press("Escape")
    await page.get_by_label("Light or dark").click()
    assert await page.evaluate(BRIGHTNESS) > 0.8
    assert await page.evaluate(FAINT) == []
    await page.reload()
    await page.get_by_label("You are Newcomer").wait_for()
    assert await page.evaluate(BRIGHTNESS) > 0.8


async def test_a_sound_is_heard_answers_are_shown_and_what_is_deleted_goes(
    studio: Studio, open_page: OpenPage
) -> None:
    person = studio.person("Listener")
    page = await open_page("Listener")
    await begin(page)
    await write(page, "/terms")
    await press(page, "I accept")
    await expect(page.locator(".toast")).to_have_text("Thank you!")
    await write(page, "/privacy")
    await press(page, "Keep my prompts")
    alert = page.get_by_role("dialog", name="Message from the bot")
    await expect(alert).to_contain_text("your prompts stay in your history")
    await alert.get_by_role("button", name="OK").click()
    await expect(alert).to_have_count(0)
    await write(page, "/generate")
    await press(page, "Demo melody")
    await expect(page.locator(".message").last).to_contain_text("Demo melody")
    await write(page, "rain on a tin roof")
    await press(page, "✨")
    await page.locator("audio").wait_for()
    sent = next(each.media for each in person.messages() if each.media)
    assert await page.evaluate(HEARD) == pytest.approx(sent.duration, abs=0.5)
    assert await page.evaluate(NAMELESS) == []
    other = await open_page("Listener", beside=page)
    for seen in (page, other):
        await expect(seen.locator(".message.out").filter(has_text="/terms")).to_have_count(1)
    own = page.locator(".message.out").filter(has_text="/terms")
    await own.hover()
    await own.get_by_role("button", name="Delete").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    for seen in (page, other):
        await expect(seen.locator(".message.out").filter(has_text="/terms")).to_have_count(0)


async def test_pictures_go_out_alone_and_as_an_album(studio: Studio, open_page: OpenPage) -> None:
    studio.person("Albums")
    page = await open_page("Albums")
    await begin(page)
    buffer = io.BytesIO()
    Image.new("RGB", (320, 200), "teal").save(buffer, "PNG")
    files = [{"name": f"{n}.png", "mimeType": "image/png", "buffer": buffer.getvalue()} for n in range(3)]
    await page.locator("input[type=file]").set_input_files(files[0])
    await page.get_by_role("dialog").get_by_role("button", name="As a picture").click()
    await expect(page.locator(".message.out .picture img")).to_have_count(1)
    await page.locator("input[type=file]").set_input_files(files[1])
    assert await page.evaluate(NAMELESS) == []
    await page.get_by_role("dialog").get_by_role("button", name="As a file").click()
    await expect(page.locator(".message.out .paper .file-name")).to_have_text("1.png")
    await page.locator("input[type=file]").set_input_files(files)
    await page.get_by_role("dialog").locator("textarea").fill("three of them")
    await page.get_by_role("dialog").locator(".main").click()
    album = page.locator(".message.out .album")
    await expect(album.locator("img")).to_have_count(3)
    await expect(page.locator(".message.out").last).to_contain_text("three of them")
    for how in ("paste", "drop"):
        await page.evaluate(GIVE, how)
        await page.get_by_role("dialog").get_by_role("button", name="As a file").click()
        await expect(page.locator(".message.out .file-name").last).to_have_text("notes.txt")
    await expect(page.locator(".message.out .file-name")).to_have_count(3)


async def test_the_panel_shows_the_wire_faults_ledger_and_jobs(studio: Studio, open_page: OpenPage) -> None:
    author = studio.person("Author")
    page = await open_page("Author")
    await begin(page)
    await page.get_by_label("Behind the scenes").first.click()
    panel = page.locator("#panel")
    await panel.get_by_role("searchbox").fill("SendMessage")
    await write(page, "/help")
    row = panel.locator(".wire li").filter(has_text="request").last
    await row.locator("summary").click()
    await expect(row.locator("pre")).to_contain_text('"_": "messages.SendMessage"')
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await row.get_by_role("button", name="Copy").click()
    await expect(page.locator(".toast")).to_have_text("Copied")
    assert '"_": "messages.SendMessage"' in await page.evaluate("navigator.clipboard.readText()")
    assert await page.evaluate(NAMELESS) == []
    await panel.get_by_role("tab", name="Faults").click()
    assert await page.evaluate(NAMELESS) == []
    await panel.get_by_role("button", name="Flood wait of 5 s").click()
    await expect(panel.locator(".faults li")).to_contain_text("messages.SendMessage")
    assert [handle.fault.message for handle in studio.sandbox.faults] == ["FLOOD_WAIT_5"]
    await panel.get_by_role("button", name="End them all").click()
    await expect(panel.locator(".faults li")).to_contain_text("Everything works")
    await panel.get_by_role("button", name="Slow line").click()
    await expect(panel.locator(".faults li")).to_contain_text("latency")
    assert [handle.fault.kind for handle in studio.sandbox.faults] == [FaultKind.LATENCY]
    await panel.get_by_role("button", name="End them all").click()
    await expect(panel.locator(".faults li")).to_contain_text("Everything works")
    await panel.get_by_role("button", name="Cut all connections now").click()
    await expect(page.locator(".toast").filter(has_text=re.compile(r"[1-9]\d* connection"))).to_be_visible()
    await panel.get_by_role("tab", name="Jobs").click()
    await expect(panel).to_contain_text("No generations yet")
    await panel.get_by_role("tab", name="Ledger").click()
    await expect(panel.locator(".figures")).to_contain_text("192 ⭐")
    await expect(panel.get_by_role("tab", name="Ledger")).to_be_focused()
    # Both are read again by themselves while something is made.
    await all_read(author)
    await begin_order(author, "a red fox")
    await expect(panel.locator(".figures")).to_contain_text("189 ⭐")
    await panel.get_by_role("tab", name="Jobs").click()
    made = panel.locator(".entries li").filter(has_text="demo-image")
    await expect(made).to_be_visible()
    await delivered(author)
    await studio.settled(author)
    await expect(made).to_contain_text("delivered")


async def test_without_a_browser_it_is_said_loudly_that_the_page_is_not_tested(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="NOT TESTED: the chat page; install Chromium"):
        find_chromium()
    monkeypatch.setenv("CI", "1")
    with pytest.raises(pytest.fail.Exception, match="Chromium is missing"):
        find_chromium()

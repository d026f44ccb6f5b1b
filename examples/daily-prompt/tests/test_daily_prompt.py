"""The club, as its members and its operator meet it."""


async def joined(people, name, language, button):
    person = await people(name, language)
    await person.send("/club")
    await person.expect(kind="new")
    await person.press(button)
    await person.expect(kind="edit")
    return person


async def test_members_get_the_idea_once_in_their_language(studio, people, sandbox):
    anna = await joined(people, "Anna", "de", "Join the club")
    boris = await joined(people, "Boris", "ru", "Вступить в клуб")
    outsider = await people("Zoe")
    admin = sandbox.person("Admin 1")
    for _ in range(2):
        await admin.send("/club_today")
        await admin.expect("Today’s idea is with 2 members", kind="new")
    await anna.expect("Die Idee des Tages", kind="new")
    await boris.expect("Идея дня", kind="new")
    for person in (anna, boris, outsider):
        assert sum("💡" in message.text for message in person.messages()) == (person is not outsider)


async def test_ideas_come_each_morning_by_themselves(people, clock):
    anna = await joined(people, "Anna", "de", "Join the club")
    await clock.advance(hours=20)
    assert not [message for message in anna.messages() if "💡" in message.text], "it is 8 in the morning"
    await clock.advance(hours=25)
    await anna.expect("Die Idee des Tages", kind="new")
    await anna.expect("Die Idee des Tages", kind="new")
    ideas = [message.text for message in anna.messages() if "💡" in message.text]
    assert len(set(ideas)) == 2


async def test_a_days_picture_is_praised_and_counted(people, provider):
    boris = await joined(people, "Boris", "ru", "Вступить в клуб")
    await provider.order(boris, "лиса")
    await provider.result(boris)
    await boris.expect("1 день в клубе. Отлично!", kind="new")
    await provider.settled(boris)
    await boris.send("/club")
    about = await boris.expect("Вы рисовали 1 день.", kind="new")
    assert "Выйти из клуба" in str(about.labels)


async def test_who_leaves_gets_nothing_more(people, sandbox):
    anna = await joined(people, "Anna", "en", "Join the club")
    await anna.send("/club")
    await anna.expect("Every day an idea", kind="new")
    await anna.press("Leave the club")
    await anna.expect("You are out of the club", kind="edit")
    admin = sandbox.person("Admin 1")
    await admin.send("/club_today")
    await admin.expect("with 0 members", kind="new")

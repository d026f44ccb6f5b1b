"""The gate, as people and its operator meet it."""

import pytest


@pytest.fixture
def plugins_toml(plugins_toml):
    plugins_toml["plugins"]["gatekeeper"]["words"] = ["spam"]
    return plugins_toml


@pytest.mark.parametrize(
    ("language", "word", "refusal"),
    [
        ("en", "Spam", "I don’t draw “spam”. Nothing was charged"),
        ("ru", "ЛИСА", "«лиса» я не рисую. Ничего не списано"),
    ],
)
async def test_a_word_is_refused_and_costs_nothing(studio, provider, language, word, refusal):
    admin = studio.sandbox.person("Admin 1")
    await admin.send("/forbid лиса")
    await admin.expect("Refused: spam, лиса", kind="new")
    alice = studio.person("Alice", language)
    await alice.start()
    await alice.expect(kind="new")
    before = await studio.running.ledger.balance(alice.id)
    told = await provider.order(alice, f"a {word}!")
    assert refusal in told.text
    assert await studio.running.ledger.balance(alice.id) == before


async def test_what_is_permitted_again_is_drawn(people, provider, sandbox):
    admin = sandbox.person("Admin 1")
    for command, words in (("/forbid fox", "fox, spam"), ("/permit fox", "Refused: spam")):
        await admin.send(command)
        await admin.expect(words, kind="new")
    alice = await people()
    await provider.order(alice, "a red fox")
    await provider.result(alice)

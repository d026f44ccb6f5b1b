"""Refunds: whole, once, and the ledger, Telegram and the letter say the same."""

from __future__ import annotations

import asyncio

import pytest
from refund_desk import ALICE, ANN, BEN, CHARGE, Desk, World

from core.billing.ledger import Balance
from core.billing.refunds import RefundResult
from core.errors import FloodWaited, TelegramError, UserFacingError
from core.storage.cases import CaseState
from core.storage.database import Database
from core.storage.refunds import RefundState, Shortage
from sandbox.clock import ManualClock

THE_SAME = ("shortage", list(Shortage))


@pytest.fixture
def world(clock: ManualClock) -> World:
    """Telegram, the mail and the operators' alerts."""
    return World.begin(clock)


@pytest.fixture
def desk(database: Database, world: World) -> Desk:
    """The instance on duty."""
    return Desk(database, world)


@pytest.fixture
def other(database: Database, world: World) -> Desk:
    """Another instance, or the same after a restart."""
    return Desk(database, world)


class TestWhatAnOperatorDoes:
    @pytest.mark.parametrize(*THE_SAME)
    async def test_gives_a_payment_back_whole(self, desk: Desk, shortage: Shortage) -> None:
        await desk.pay()
        outcome = await desk.refund(shortage=shortage)
        assert outcome.result is RefundResult.DONE
        assert desk.telegram.gave_back(CHARGE) == 1
        assert await desk.balance() == Balance(0, 0)
        assert "100 Stars back" in desk.letter.english
        assert "now 0 ⭐." in desk.letter.english
        assert "owe" not in desk.letter.english
        assert "долг" not in desk.letter.russian
        assert desk.world.heard == [CHARGE]

    async def test_takes_the_bonus_back_too(self, desk: Desk) -> None:
        await desk.pay(stars=100, bonus=40)
        await desk.pay("another", 5)
        assert (await desk.refunds.preview(CHARGE)).wanted == 140
        await desk.refund()
        assert await desk.balance() == Balance(5, 0)
        promo = await desk.ledger.entry(ALICE, f"refund:{CHARGE}:1:bonus")
        assert promo is not None
        assert (promo.credit, promo.amount) == ("promo", 40)
        assert "from your balance here: 140 ⭐" in desk.letter.english

    async def test_stops_where_stars_are_spent_and_says_what_is_missing(self, desk: Desk) -> None:
        await desk.pay()
        await desk.spend(30)
        preview = await desk.refunds.preview(CHARGE)
        assert (preview.available, preview.missing, preview.state) == (70, 30, None)
        before = await desk.ledger.statement(ALICE)
        outcome = await desk.refund(shortage=Shortage.STOP)
        assert outcome.result is RefundResult.SHORT
        assert outcome.refund.missing == 30
        assert await desk.ledger.statement(ALICE) == before
        assert desk.telegram.asked == 0
        assert await desk.balance() == Balance(70, 0)
        assert desk.world.mail.sent == {}

    async def test_books_what_is_spent_as_a_debt(self, desk: Desk) -> None:
        await desk.pay()
        await desk.spend(30)
        outcome = await desk.refund(shortage=Shortage.DEBT)
        assert (outcome.result, outcome.refund.taken, outcome.refund.owed) == (RefundResult.DONE, 70, 30)
        assert await desk.balance() == Balance(0, 0, 30)
        assert "You owe 30 ⭐" in desk.letter.english
        assert "Ваш долг — 30 ⭐" in desk.letter.russian
        assert await desk.cases.open_ones() == []
        await desk.pay("next", 50)
        assert await desk.balance() == Balance(20, 0)

    async def test_writes_off_what_is_spent(self, desk: Desk) -> None:
        await desk.pay()
        await desk.spend(30)
        await desk.refund(shortage=Shortage.FORGIVE)
        assert await desk.balance() == Balance(0, 0)
        assert "The 30 ⭐ you had already spent are on us" in desk.letter.english
        assert "You owe" not in desk.letter.english
        assert "потраченные 30 ⭐" in desk.letter.russian

    async def test_another_debt_is_not_written_off(self, desk: Desk) -> None:
        await desk.pay("first", 10)
        await desk.pay()
        await desk.spend(110)
        await desk.refund("first", Shortage.DEBT)
        await desk.refund(shortage=Shortage.FORGIVE)
        assert await desk.balance() == Balance(0, 0, 10)
        assert "The 100 ⭐ you had already spent are on us. You owe 10 ⭐" in desk.letter.english

    async def test_an_unknown_charge(self, desk: Desk) -> None:
        with pytest.raises(UserFacingError) as refused:
            await desk.refund("stxNOBODY")
        assert refused.value.key == "refund-charge-unknown"
        with pytest.raises(UserFacingError):
            await desk.refunds.preview("stxNOBODY")

    async def test_done_before_is_said_with_the_name_of_whoever_did_it(self, desk: Desk) -> None:
        await desk.pay()
        await desk.refund(by=ANN)
        again = await desk.refund(by=BEN)
        assert (again.result, again.refund.actor) == (RefundResult.BEFORE, ANN)
        assert desk.telegram.asked == 1


class TestWhatIsHeld:
    async def test_is_not_taken_and_counts_as_missing(self, desk: Desk) -> None:
        await desk.pay()
        await desk.hold(80)
        preview = await desk.refunds.preview(CHARGE)
        assert (preview.available, preview.held, preview.missing) == (20, 80, 80)
        assert (await desk.refund()).result is RefundResult.SHORT
        await desk.refund(shortage=Shortage.DEBT)
        assert await desk.balance() == Balance(0, 80, 80)
        assert "80 ⭐ are set aside" in desk.letter.english

    async def test_repays_the_debt_when_the_generation_fails(self, desk: Desk) -> None:
        await desk.pay()
        await desk.hold(80)
        await desk.refund(shortage=Shortage.DEBT)
        await desk.ledger.release(ALICE, "job1", actor="test", reason="test")
        assert await desk.balance() == Balance(0, 0)

    async def test_stays_owed_when_the_generation_succeeds(self, desk: Desk) -> None:
        await desk.pay()
        await desk.hold(80)
        await desk.refund(shortage=Shortage.DEBT)
        await desk.ledger.settle(ALICE, "job1", actor="test", reason="test")
        assert await desk.balance() == Balance(0, 0, 80)

    @pytest.mark.parametrize("ending", ["settle", "release"])
    async def test_one_outcome_when_both_happen_at_once(self, desk: Desk, other: Desk, ending: str) -> None:
        await desk.pay()
        await desk.hold(80)
        end = getattr(other.ledger, ending)
        outcome, _ = await asyncio.gather(
            desk.refund(shortage=Shortage.DEBT), end(ALICE, "job1", actor="test", reason="test")
        )
        assert outcome.result is RefundResult.DONE
        assert await desk.balance() == Balance(0, 0, 80 if ending == "settle" else 0)


class TestWhatTelegramAnswers:
    async def test_already_refunded_counts_as_done(self, desk: Desk) -> None:
        await desk.pay()
        desk.telegram.refusal = "CHARGE_ALREADY_REFUNDED"
        assert (await desk.refund()).result is RefundResult.DONE
        assert await desk.balance() == Balance(0, 0)

    @pytest.mark.parametrize("name", ["BALANCE_TOO_LOW", "CHARGE_NOT_FOUND", "CHARGE_ID_INVALID"])
    @pytest.mark.parametrize("spent", [0, 30])
    async def test_a_refusal_is_undone_exactly_and_tried_again_later(
        self, desk: Desk, name: str, spent: int
    ) -> None:
        await desk.pay(bonus=7)
        if spent:
            await desk.spend(spent)
        desk.telegram.refusal = name
        refused = await desk.refund(shortage=Shortage.DEBT, by=ANN)
        assert (refused.result, refused.refund.error) == (RefundResult.REFUSED, name)
        assert await desk.balance() == Balance(107 - spent, 0)
        assert desk.world.mail.sent == {}
        assert desk.world.heard == []
        assert await desk.store.open_ones() == []
        desk.telegram.refusal = ""
        later = await desk.refund(shortage=Shortage.DEBT, by=BEN)
        assert (later.result, later.refund.attempt) == (RefundResult.DONE, 2)
        assert await desk.balance() == Balance(0, 0, spent)

    async def test_undone_exactly_over_a_debt_that_was_partly_repaid(self, desk: Desk) -> None:
        await desk.pay()
        await desk.spend(60)

        async def meanwhile() -> None:
            await desk.credit("meanwhile", 25)

        desk.telegram.before = meanwhile
        desk.telegram.refusal = "BALANCE_TOO_LOW"
        await desk.refund(shortage=Shortage.DEBT)
        assert await desk.balance() == Balance(40 + 25, 0)

    @pytest.mark.parametrize("error", [TelegramError(503, "NO_ANSWER"), TelegramError(500, "INTERNAL")])
    async def test_a_lost_reply_is_looked_up_and_not_asked_again(
        self, desk: Desk, error: TelegramError
    ) -> None:
        await desk.pay()

        async def lose() -> None:
            raise error

        desk.telegram.after = lose
        assert (await desk.refund()).result is RefundResult.DONE
        assert (desk.telegram.asked, desk.telegram.gave_back(CHARGE)) == (1, 1)
        assert await desk.balance() == Balance(0, 0)

    async def test_a_refusal_of_the_repetition_of_a_lost_question_is_no_refusal(self, desk: Desk) -> None:
        await desk.pay()

        async def repeated() -> None:
            raise TelegramError(400, "BALANCE_TOO_LOW")

        desk.telegram.after = repeated
        assert (await desk.refund()).result is RefundResult.DONE
        assert await desk.balance() == Balance(0, 0)

    async def test_telegram_away_waits_and_is_finished_by_the_sweep(self, desk: Desk, other: Desk) -> None:
        await desk.pay()
        desk.telegram.away = True
        assert (await desk.refund(by=ANN)).result is RefundResult.WAITING
        second = await desk.refund(by=BEN)
        assert (second.result, second.refund.actor) == (RefundResult.UNDER_WAY, ANN)
        assert await other.refunds.sweep() == 1
        assert desk.telegram.asked == 1
        desk.telegram.away = False
        await other.refunds.sweep()
        assert (await desk.state()).state is RefundState.DONE
        assert (desk.telegram.asked, desk.telegram.gave_back(CHARGE)) == (2, 1)
        assert await other.refunds.sweep() == 0
        assert await desk.balance() == Balance(0, 0)

    async def test_done_and_then_away_is_found_out_and_not_asked_again(self, desk: Desk, other: Desk) -> None:
        await desk.pay()

        async def vanish() -> None:
            desk.telegram.away = True
            raise TelegramError(503, "NO_ANSWER")

        desk.telegram.after = vanish
        assert (await desk.refund()).result is RefundResult.WAITING
        desk.telegram.away = False
        await other.refunds.sweep()
        assert (desk.telegram.asked, desk.telegram.gave_back(CHARGE)) == (1, 1)
        assert (await desk.state()).state is RefundState.DONE

    async def test_a_flood_wait_refuses_nothing(self, desk: Desk, other: Desk) -> None:
        await desk.pay()

        async def flood() -> None:
            raise FloodWaited(30)

        desk.telegram.before = flood
        assert (await desk.refund()).result is RefundResult.WAITING
        desk.telegram.before = None
        await other.refunds.sweep()
        assert (await desk.state()).state is RefundState.DONE
        assert desk.telegram.gave_back(CHARGE) == 1

    async def test_spent_between_the_look_and_the_taking(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch, other: Desk
    ) -> None:
        """The operator wants to stop: what was taken is put back."""
        await desk.pay()
        claw_back = desk.ledger.claw_back

        async def spend_first(*args: object, **kwargs: object) -> object:
            await other.spend(10)
            return await claw_back(*args, **kwargs)

        monkeypatch.setattr(desk.ledger, "claw_back", spend_first)
        outcome = await desk.refund(shortage=Shortage.STOP)
        assert (outcome.result, outcome.refund.missing) == (RefundResult.SHORT, 10)
        assert desk.telegram.asked == 0
        assert await desk.balance() == Balance(90, 0)


class TestWhatTelegramTells:
    async def test_a_chargeback_becomes_a_debt_and_a_case(self, desk: Desk) -> None:
        await desk.pay()
        await desk.spend(30)
        desk.telegram.give_back(CHARGE)
        for _ in range(3):
            await desk.told_by_telegram()
        assert desk.telegram.asked == 0
        assert await desk.balance() == Balance(0, 0, 30)
        (case,) = await desk.cases.open_ones("debt")
        assert (case.user_id, case.data["owed"], case.data["charge_id"]) == (ALICE, 30, CHARGE)
        assert "took your payment of 100 ⭐ back" in desk.letter.english
        assert "You owe 30 ⭐" in desk.letter.english
        assert desk.world.heard == [CHARGE]

    async def test_nothing_spent_opens_no_case(self, desk: Desk) -> None:
        await desk.pay()
        await desk.told_by_telegram()
        assert await desk.balance() == Balance(0, 0)
        assert await desk.cases.open_ones() == []

    async def test_a_refund_before_its_payment_makes_both_entries(self, desk: Desk) -> None:
        await desk.told_by_telegram()
        assert await desk.balance() == Balance(0, 0)
        keys = [entry.key for entry in await desk.ledger.statement(ALICE)]
        assert keys == [f"refund:{CHARGE}:1", f"stars:{CHARGE}"]
        await desk.credit()
        assert await desk.balance() == Balance(0, 0)

    async def test_its_message_about_an_operators_refund_changes_nothing_more(self, desk: Desk) -> None:
        await desk.pay()
        await desk.refund()
        await desk.told_by_telegram()
        assert (await desk.state()).attempt == 1
        assert await desk.balance() == Balance(0, 0)
        assert "Telegram has put" in desk.letter.english

    async def test_its_message_while_the_operators_refund_is_under_way(self, desk: Desk, other: Desk) -> None:
        await desk.pay()
        await desk.spend(30)

        async def told() -> None:
            await other.told_by_telegram()
            raise TelegramError(503, "NO_ANSWER")

        desk.telegram.after = told
        outcome = await desk.refund(shortage=Shortage.FORGIVE)
        assert (outcome.result, outcome.refund.attempt) == (RefundResult.DONE, 1)
        assert desk.telegram.asked == 1
        assert await desk.balance() == Balance(0, 0)
        assert await desk.cases.open_ones() == []

    async def test_done_by_another_instance_while_the_reply_is_lost(self, desk: Desk, other: Desk) -> None:
        await desk.pay()

        async def finished_there() -> None:
            await other.refunds.sweep()
            desk.telegram.away = True
            raise TelegramError(503, "NO_ANSWER")

        desk.telegram.after = finished_there
        assert (await desk.refund()).result is RefundResult.DONE
        assert desk.telegram.asked == 1
        assert await desk.balance() == Balance(0, 0)

    async def test_its_message_beside_the_operators_command(self, desk: Desk, other: Desk) -> None:
        await desk.pay()
        await desk.spend(30)
        desk.telegram.give_back(CHARGE)
        await asyncio.gather(desk.refund(shortage=Shortage.DEBT), other.told_by_telegram())
        await other.refunds.sweep()
        assert (await desk.state()).state is RefundState.DONE
        assert (await desk.state()).attempt == 1
        assert await desk.balance() == Balance(0, 0, 30)
        assert desk.telegram.gave_back(CHARGE) == 1

    async def test_a_chargeback_while_a_refused_refund_is_undone(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch, other: Desk
    ) -> None:
        """Telegram refused the operator, and the store takes the payment back in the same moment."""
        await desk.pay()
        await desk.spend(30)
        desk.telegram.refusal = "BALANCE_TOO_LOW"
        credit = desk.ledger.credit

        async def charged_back_first(*args: object, **kwargs: object) -> object:
            await other.told_by_telegram()
            return await credit(*args, **kwargs)

        monkeypatch.setattr(desk.ledger, "credit", charged_back_first)
        outcome = await desk.refund(shortage=Shortage.DEBT)
        assert (outcome.result, outcome.refund.attempt) == (RefundResult.BEFORE, 2)
        assert await desk.balance() == Balance(0, 0, 30)
        assert len(await desk.cases.open_ones("debt")) == 1

    async def test_telegrams_word_over_an_operator_who_would_have_stopped(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch, other: Desk
    ) -> None:
        await desk.pay()
        await desk.spend(30)
        balance = desk.ledger.balance

        async def charged_back_first(user_id: int) -> Balance:
            await desk.store.confirm(CHARGE)
            return await balance(user_id)

        monkeypatch.setattr(desk.ledger, "balance", charged_back_first)
        await desk.refund(shortage=Shortage.STOP)
        assert await other.balance() == Balance(0, 0, 30)
        assert (await other.state()).state is RefundState.DONE


class TestManyAtOnce:
    async def test_ten_commands_of_two_operators_are_one_refund(self, desk: Desk, other: Desk) -> None:
        await desk.pay()
        outcomes = await asyncio.gather(
            *(each.refund(by=by) for each, by in ((desk, ANN), (other, BEN)) for _ in range(5))
        )
        done = [outcome for outcome in outcomes if outcome.result is RefundResult.DONE]
        assert len(done) == 1
        others = {outcome.result for outcome in outcomes} - {RefundResult.DONE}
        assert others <= {RefundResult.BEFORE, RefundResult.UNDER_WAY}
        assert {outcome.refund.actor for outcome in outcomes} == {done[0].refund.actor}
        assert (desk.telegram.gave_back(CHARGE), desk.telegram.asked) == (1, 1)
        assert await desk.balance() == Balance(0, 0)

    async def test_ten_messages_and_sweeps_are_one_refund(self, desk: Desk, other: Desk) -> None:
        await desk.pay()
        await desk.spend(1)
        desk.telegram.give_back(CHARGE)
        await asyncio.gather(
            *(each.told_by_telegram() for each in (desk, other) for _ in range(5)),
            *(each.refunds.sweep() for each in (desk, other)),
        )
        assert await desk.balance() == Balance(0, 0, 1)
        assert len(await desk.cases.open_ones()) == 1


class TestLetters:
    async def test_a_letter_that_cannot_be_sent_just_now_is_sent_later(self, desk: Desk) -> None:
        await desk.pay()
        desk.world.mail.error = TelegramError(503, "NO_ANSWER")
        assert (await desk.refund()).result is RefundResult.DONE
        assert (await desk.state()).state is RefundState.REFUNDED
        desk.world.mail.error = None
        await desk.refunds.sweep()
        assert (await desk.state()).state is RefundState.DONE
        assert desk.letter.user_id == ALICE

    async def test_a_listener_that_fails_is_told_again(self, desk: Desk) -> None:
        told = []

        async def fail_once(paid: object) -> None:
            told.append(paid)
            if len(told) == 1:
                raise ValueError("once")

        desk.refunds.listeners.append(fail_once)
        await desk.pay()
        await desk.refund()
        await desk.refunds.sweep()
        assert len(told) == 2
        assert (await desk.state()).state is RefundState.DONE

    async def test_a_payment_that_is_not_served_yet_is_served_first(self, desk: Desk) -> None:
        """Or a bonus for it could be given after it was looked for to be taken back."""
        desk.telegram.pay(ALICE, CHARGE, 100)
        await desk.credit(served=False)
        assert (await desk.refund()).result is RefundResult.DONE
        assert (desk.world.heard, desk.world.mail.sent) == ([], {})
        await desk.payments.set_served(CHARGE)
        await desk.refunds.sweep()
        assert desk.world.heard == [CHARGE]
        assert (await desk.state()).state is RefundState.DONE

    async def test_one_refund_that_fails_keeps_no_other_waiting(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await desk.pay()
        await desk.pay("another", 5)
        desk.telegram.away = True
        await desk.refund()
        await desk.refund("another")
        desk.telegram.away = False
        was_refunded = desk.telegram.was_refunded

        async def broken_for_one(charge_id: str, **about: object) -> bool:
            if charge_id == CHARGE:
                raise ValueError("broken")
            return await was_refunded(charge_id, **about)

        monkeypatch.setattr(desk.telegram, "was_refunded", broken_for_one)
        await desk.refunds.sweep()
        assert (await desk.state("another")).state is RefundState.DONE
        assert (await desk.state()).state is RefundState.ASKING


async def test_the_sweep_runs_at_the_start_and_every_minute(desk: Desk, clock: ManualClock) -> None:
    await desk.pay()
    desk.telegram.away = True
    await desk.refund()
    running = asyncio.create_task(desk.refunds.run())
    await clock.until_asleep()
    desk.telegram.away = False
    await clock.advance(60)
    await clock.until_asleep()
    assert (await desk.state()).state is RefundState.DONE
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


class TestCases:
    async def test_a_person_asks_and_the_operator_agrees(self, desk: Desk) -> None:
        await desk.pay()
        assert await desk.refund_cases.ask_for_payment(ALICE, CHARGE, "did not like it")
        assert not await desk.refund_cases.ask_for_payment(ALICE, CHARGE, "again")
        (case,) = await desk.cases.open_ones("refund")
        assert (case.data["stars"], case.data["missing"]) == (100, 0)
        assert case.private["words"] == "did not like it"
        decided = await desk.cases.decide(case.id, "refund", 6_000_000_001)
        assert decided.case.state is CaseState.DONE
        assert (await desk.state()).actor == ANN
        assert await desk.balance() == Balance(0, 0)
        with pytest.raises(UserFacingError) as refused:
            await desk.refund_cases.ask_for_payment(ALICE, CHARGE, "again")
        assert refused.value.key == "refund-made-before"

    async def test_nobody_asks_for_somebody_elses_payment(self, desk: Desk) -> None:
        await desk.pay()
        with pytest.raises(UserFacingError) as refused:
            await desk.refund_cases.ask_for_payment(ALICE + 1, CHARGE, "mine!")
        assert refused.value.key == "refund-charge-unknown"

    @pytest.mark.parametrize(("decision", "owed"), [("debt", 30), ("forgive", 0)])
    async def test_spent_already_is_decided_anew(self, desk: Desk, decision: str, owed: int) -> None:
        await desk.pay()
        await desk.spend(30)
        await desk.refund_cases.ask_for_payment(ALICE, CHARGE, "")
        stopped = (await desk.cases.decide(f"refund:{CHARGE}", "refund", 1)).case
        assert (stopped.state, stopped.note, stopped.data["missing"]) == (
            CaseState.OPEN,
            "refund-case-short",
            30,
        )
        decided = await desk.cases.decide(f"refund:{CHARGE}", decision, 1)
        assert decided.case.state is CaseState.DONE
        assert await desk.balance() == Balance(0, 0, owed)

    async def test_a_refusal_by_telegram_is_decided_anew(self, desk: Desk) -> None:
        await desk.pay()
        await desk.refund_cases.ask_for_payment(ALICE, CHARGE, "")
        desk.telegram.refusal = "BALANCE_TOO_LOW"
        case = (await desk.cases.decide(f"refund:{CHARGE}", "refund", 1)).case
        assert (case.state, case.note, case.data["error"]) == (
            CaseState.OPEN,
            "refund-case-refused",
            "BALANCE_TOO_LOW",
        )

    async def test_a_decision_waits_for_telegram(self, desk: Desk) -> None:
        await desk.pay()
        await desk.refund_cases.ask_for_payment(ALICE, CHARGE, "")
        desk.telegram.away = True
        decided = await desk.cases.decide(f"refund:{CHARGE}", "refund", 1)
        assert decided.case.state is CaseState.DECIDED
        desk.telegram.away = False
        await desk.refunds.sweep()
        await desk.cases.sweep()
        case = await desk.cases.get(f"refund:{CHARGE}")
        assert case is not None
        assert case.state is CaseState.DONE
        assert desk.telegram.gave_back(CHARGE) == 1

    async def test_declined_changes_nothing_and_says_so(self, desk: Desk) -> None:
        await desk.pay()
        await desk.refund_cases.ask_for_payment(ALICE, CHARGE, "")
        await desk.cases.decide(f"refund:{CHARGE}", "decline", 1)
        assert await desk.balance() == Balance(100, 0)
        letter = desk.world.mail.sent[f"refund:{CHARGE}:declined"]
        assert "Nothing about your balance has changed" in letter.english

    @pytest.mark.parametrize(("decision", "owed"), [("keep", 30), ("forgive", 0)])
    async def test_what_becomes_of_a_debt(self, desk: Desk, decision: str, owed: int) -> None:
        await desk.pay()
        await desk.spend(30)
        await desk.told_by_telegram()
        await desk.cases.decide(f"debt:{CHARGE}", decision, 1)
        assert await desk.balance() == Balance(0, 0, owed)
        letter = desk.world.mail.sent.get(f"debt:{CHARGE}")
        assert (letter is not None) == (decision == "forgive")
        assert letter is None or "You owe nothing now" in letter.english

    async def test_a_generation_is_given_back_once(self, desk: Desk) -> None:
        await desk.pay()
        await desk.spend(30)
        assert await desk.refund_cases.ask_for_generation(ALICE, "job1", "blurred")
        decided = await desk.cases.decide("refund-job:job1", "refund", 1)
        assert decided.case.state is CaseState.DONE
        assert await desk.balance() == Balance(100, 0)
        assert "30 Stars for your generation are given back to your balance" in (
            desk.world.mail.sent["refund-job:job1"].english
        )
        entry = await desk.ledger.entry(ALICE, "refund-job:job1")
        assert entry is not None
        assert entry.debit == "adjustment"
        assert desk.world.corrected == [("job1", "refund-job:job1", 30)]

    async def test_a_generation_given_back_repays_a_debt_and_says_so(self, desk: Desk) -> None:
        await desk.pay()
        await desk.spend(30)
        await desk.told_by_telegram()
        await desk.refund_cases.ask_for_generation(ALICE, "job1", "")
        await desk.cases.decide("refund-job:job1", "refund", 1)
        assert await desk.balance() == Balance(0, 0)
        assert "30 ⭐ of that went to what you owed" in desk.world.mail.sent["refund-job:job1"].english

    async def test_a_free_generation_and_one_that_runs_have_nothing_to_give_back(self, desk: Desk) -> None:
        await desk.pay()
        await desk.ledger.hold(ALICE, "free", 5, actor="test", reason="test", source="promo")
        await desk.ledger.settle(ALICE, "free", actor="test", reason="test")
        await desk.hold(5, "running")
        for job in ("free", "running", "nobody's"):
            with pytest.raises(UserFacingError) as refused:
                await desk.refund_cases.ask_for_generation(ALICE, job, "")
            assert refused.value.key == "refund-generation-free"

    @pytest.mark.parametrize(
        ("case_id", "decision"),
        [("refund-job:job1", "debt"), (f"refund:{CHARGE}", "keep"), (f"debt:{CHARGE}", "refund")],
    )
    async def test_what_cannot_be_decided(self, desk: Desk, case_id: str, decision: str) -> None:
        await desk.pay()
        await desk.spend(30)
        await desk.refund_cases.ask_for_payment(ALICE, CHARGE, "")
        await desk.refund_cases.ask_for_generation(ALICE, "job1", "")
        await desk.told_by_telegram()
        with pytest.raises(UserFacingError) as refused:
            await desk.cases.decide(case_id, decision, 1)
        assert refused.value.key == "refund-decision-impossible"

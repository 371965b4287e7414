"""Slips that mypy must catch, one a line. Each is ignored here by its code, and mypy says so when an ignore is unused.

So `mypy` fails on this file the day a slip passes. Nothing here runs: it stands under TYPE_CHECKING.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from stretch_coach.dialogue.rules import asking, changing, checking, coaching, general, moving
    from stretch_coach.dialogue.signatures import (
        Advised,
        Anything,
        Anywhere,
        Checking,
        Deleting,
        Exercising,
        Home,
        Next,
        On,
        Paused,
        Rows,
        Table,
        Yes,
    )
    from stretch_coach.dialogue.table import _row
    from stretch_coach.dialogue.turn_state import Outcome, Row, Turn, respond
    from stretch_coach.profile import Key as RecordKey
    from stretch_coach.profile import Preferred, Profile
    from stretch_coach.safety.check import Check
    from stretch_coach.session import ActivityKey, Changed, ExtraKey, Key, Session, State

    # Keyword arguments of what makes one session of another

    def keywords(turn: Turn) -> None:
        """A misspelt or mistyped session value."""
        respond(turn, stat=State.HOME)  # type: ignore[call-arg]  # a misspelt keyword
        respond(turn, state="home")  # type: ignore[arg-type]  # a state that is no State
        respond(turn, warned=True)  # type: ignore[call-arg]  # the name of the attribute, not of the field
        respond(turn, None)  # type: ignore[arg-type]  # no act
        turn.with_session(activty=None)  # type: ignore[call-arg]  # a misspelt keyword
        turn.with_session(offers="cat-cow")  # type: ignore[arg-type]  # a text for a tuple of texts
        asking.advised(turn, "sen")  # type: ignore[arg-type]  # a question nobody asks in ADVISED
        asking.advised(turn, "seen", lockd="")  # type: ignore[call-arg]  # a misspelt keyword
        asking.hurts("past")  # type: ignore[arg-type]  # a question nobody asks in HURTING

    # Rows of the table

    def without_a_turn() -> Outcome:
        """A rule that takes nothing."""
        raise NotImplementedError

    def of_a_session(session: Session) -> Outcome:
        """A rule that takes a session."""
        raise NotImplementedError

    def without_an_outcome(turn: Turn) -> None:
        """A rule that decides nothing."""

    NO_TURN: Rows[Home] = {"YesIntent": _row(without_a_turn)}  # type: ignore[arg-type]  # it takes no turn
    NO_SESSION: Rows[Home] = {"YesIntent": _row(of_a_session)}  # type: ignore[arg-type]  # it takes a session
    NO_OUTCOME: Rows[Home] = {"YesIntent": _row(without_an_outcome)}  # type: ignore[arg-type]  # it decides nothing
    NO_ROW: Rows[Home] = {"YesIntent": general.pick_for_me}  # type: ignore[typeddict-item]  # where does it lead?
    NO_STATE: Rows[Home] = {"YesIntent": _row(general.pick_for_me, "home")}  # type: ignore[arg-type]  # no State

    MISSPELT: Rows[Home] = {"YessIntent": _row(general.no_more)}  # type: ignore[typeddict-unknown-key]  # an event
    NO_STATE_OF_OURS: Table = {"hom": {}}  # type: ignore[typeddict-item, typeddict-unknown-key]  # and the others miss

    DELETING: Rows[Deleting] = {
        "YesIntent": _row(general.keep),  # type: ignore[arg-type]  # swapped with the next
        "NoIntent": _row(general.delete),  # type: ignore[arg-type]  # swapped with the one before
    }
    CHECKING: Rows[Checking] = {
        "YesIntent": _row(checking.no),  # type: ignore[arg-type]  # a yes would be a no
        "NoIntent": _row(checking.yes),  # type: ignore[arg-type]  # a no would be a yes
    }
    EXERCISING: Rows[Exercising] = {
        "EasierIntent": _row(changing.harder),  # type: ignore[arg-type]  # swapped with the next
        "HarderIntent": _row(changing.easier),  # type: ignore[arg-type]  # swapped with the one before
        "PauseIntent": _row(coaching.resume),  # type: ignore[arg-type]  # swapped with the next
        "ResumeIntent": _row(coaching.pause),  # type: ignore[arg-type]  # swapped with the one before
        "YesIntent": _row(general.no_more),  # type: ignore[arg-type]  # of another event and another state
    }
    ANYWHERE: Rows[Anywhere] = {
        "YesIntent": _row(general.delete),  # type: ignore[arg-type]  # in DELETING only
        "RepeatIntent": _row(general.repeat),
        "AgainIntent": _row(general.repeat),  # type: ignore[arg-type]  # in ADVISED only
    }
    ADVISED: Rows[Advised] = {"AgainIntent": _row(general.repeat)}
    WITHOUT_ACTIVITY: Rows[Home] = {
        "SkipIntent": _row(moving.skip),  # type: ignore[arg-type]  # nothing is under way at home
        "StartOverIntent": _row(coaching.restart),  # type: ignore[arg-type]  # nothing is under way at home
    }
    SPREAD: Rows[Home] = {**EXERCISING}  # type: ignore[typeddict-item]  # nothing is under way at home
    ANY_TURN: Row[Turn] = _row(general.delete)  # type: ignore[arg-type]  # a rule of one row is not one of all

    def elsewhere(turn: On[Next, Paused]) -> Outcome:
        """A rule that calls a rule of another event, and one of another state."""
        coaching.pause(turn)  # type: ignore[arg-type]  # the rule for "pause" and "no"
        moving.next_part(turn)  # type: ignore[arg-type]  # the rule for BETWEEN
        return moving.next_exercise(turn)

    def shared(turn: On[Yes, Home]) -> On[Yes, Home]:
        """What a rule is for stays with its turn when the session changes."""
        return turn.with_session(offers=())

    LOCKED: frozenset[Anything] = frozenset({"StartExerciseIntnet"})  # type: ignore[arg-type]  # no such event

    # Keys of the session, of what is in it, and of the record

    def keys(
        given: Mapping[Key, object], activity: Mapping[ActivityKey, Any], record: Mapping[RecordKey, object],
        session: Session,
    ) -> None:  # fmt: skip
        """A misspelt key, read or written."""
        given.get("warnd")  # type: ignore[call-overload]  # a misspelt attribute
        activity["x"]  # type: ignore[index]  # nothing of an activity has this letter
        activity.get("x")  # type: ignore[call-overload]  # the same
        record.get("recnt")  # type: ignore[call-overload]  # a misspelt field of the record
        session.check.get("anwsers")  # type: ignore[call-overload]  # a misspelt key of a check
        Check.from_attributes({"knid": "full"})  # type: ignore[dict-item]  # the same
        session.extra.get("reason")  # type: ignore[call-overload]  # a misspelt key
        Session(extra={**session.extra, "lst": ""})  # type: ignore[dict-item]  # the same
        Session(check={"kinds": "full"})  # type: ignore[dict-item]  # the same

    WRITTEN: dict[Key, Any] = {"misses": 1, "mises": 1}  # type: ignore[dict-item]  # the second one
    ACTIVITY: dict[ActivityKey, Any] = {"e": "cat-cow", "E": 1}  # type: ignore[dict-item]  # the second one
    EXTRA: Mapping[ExtraKey, object] = {"about": "", "abuot": ""}  # type: ignore[dict-item]  # the second one
    PREFERRED = Preferred("pase", 100)  # type: ignore[arg-type]  # a misspelt preference
    PREFERENCE = Profile().preferences.get("stile")  # type: ignore[call-overload]  # the same
    RECORD: dict[RecordKey, Any] = {"lock": True, "lok": True}  # type: ignore[dict-item]  # the second one
    PART: Changed = {"hodl": {"seconds": 20}}  # type: ignore[dict-item]  # a part that no dose has
    UNIT: Changed = {"hold": {"second": 20}}  # type: ignore[dict-item]  # a unit that no dose has

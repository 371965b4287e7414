"""What the page is told: everything about a device at a moment, as JSON. Pure; times in ms of the device's clock."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from simulator.device import Device, Line, Microphone, Playing
from simulator.talk.transcript import Count, Prose, Quiet, pieces
from sound.playback import Heard, Kind, Playback

Json = dict[str, Any]

SHOWN_LINES: Final = 80
"""The last lines of the transcript; nobody scrolls farther up."""
SUGGESTED: Final[Mapping[str, tuple[str, ...]]] = {
    "": ("Open stretch coach", "Start the quick hip opener", "Start the safety check"),
    "home": ("Start the hip flexor stretch", "Start the quick hip opener", "Something standing for tight hips",
             "Start the safety check", "Help"),
    "choosing": ("Yes", "The second one", "Something else", "Stop"),
    "stepping": ("Next", "Repeat", "Keep going", "Skip", "Stop"),
    "counting": ("Pause", "How long left", "Make it longer", "Only the last five", "That hurts"),
    "counted": ("Again", "Next", "My progress", "Stop"),
    "taught": ("Ready", "Repeat", "Skip", "Stop"),
    "between": ("Next", "Repeat", "How many more", "Stop"),
    "paused": ("Resume", "Start over", "Easier", "Skip", "Stop"),
    "done": ("Again", "Next", "My progress", "Stop"),
    "returning": ("Yes", "Start over", "No"),
    "hurting": ("A sharp pain in my knee", "I feel dizzy", "Start the safety check"),
    "deleting": ("No", "Yes"),
    "checking": ("Yes", "No", "I'm not sure", "Why do you ask", "What do you mean"),
    "check_paused": ("Resume", "No", "Stop"),
    "advised": ("Repeat", "Why", "I've been seen", "Stop"),
}  # fmt: skip
"""What somebody may want to say next, by the state of the dialogue; empty for no session. A count that is over and
instructions that are given have phrases of their own."""
TOUCHED: Final = re.compile(r"^\[touches (\w+)\]$")
"""How the device notes a press on the screen."""
ASKED_PLAINLY: Final = frozenset({"seen", "offer_check", "gentle", "eased", "passed"})
"""Items of a session whose question is answered with yes or no."""


def suggestions(device: Device) -> tuple[str, ...]:
    """Phrases to press, for where the conversation is."""
    attributes = device.attributes
    state = str(attributes.get("state", "home")) if device.session else ""
    if state in {"advised", "hurting"} and attributes.get("item") in ASKED_PLAINLY:
        return ("Yes", "No", "I'm not sure") if state == "hurting" else ("Yes", "No", "Repeat")
    if state == "counting" and (device.playing is None or device.playing.is_reprompt):
        state = "counted" if shown_counts(device.last.response if device.last else {}) else "taught"
    return SUGGESTED.get(state, SUGGESTED["home"])


def ring(device: Device) -> str:
    """What the light ring shows: speaking, listening, waiting (the session stays, the microphone is closed) or off."""
    if device.playing:
        return "speaking"
    if device.microphone is Microphone.OPEN:
        return "listening"
    return "waiting" if device.session else "off"


def lines(device: Device) -> list[Json]:
    """The transcript, each of Alexa's lines in its pieces."""
    said = iter([one.playing for one in device.played if one.playing.playback.heard])
    found = [_line(number, line, said) for number, line in enumerate(device.transcript)]
    return found[-SHOWN_LINES:]


def _line(number: int, line: Line, said: Iterator[Playing]) -> Json:
    text = TOUCHED.sub(lambda found: f"Pressed “{found[1].replace('_', ' ').capitalize()}”", line.text)
    told: Json = {"id": number, "who": line.who, "text": text, "cut": False, "parts": []}
    if line.who == "A":
        playing = next(said)
        counts = [] if playing.is_reprompt else shown_counts(playing.response)
        told |= {"cut": line.text.endswith("…"), "parts": parts(line.heard, counts)}
    return told


def shown_counts(response: Mapping[str, Any]) -> list[Json]:
    """The counts of an answer, as its own screen has them."""
    directives = (response.get("response") or {}).get("directives") or ()
    shown = [(one.get("datasources") or {}).get("coach") or {} for one in directives]
    return [segment for data in shown for segment in data.get("segments") or () if segment["part"] == "count"]


def parts(heard: Sequence[Heard], counts: Sequence[Json] = ()) -> list[Json]:
    """What is heard as phrases, counts and longer quiet, each with its time.

    `counts` are those of the screen; without them counts are found in the words, as good as that goes.
    """
    found: list[Json] = []
    for count, run in groupby(heard, key=lambda one: _count_of(one, counts)):
        inside = list(run)
        if count is None:
            found += (part for piece in pieces(inside) for part in _parts(piece))
        else:
            found += _counted(counts[count], inside)
    return _tidied(found)


def _count_of(one: Heard, counts: Sequence[Json]) -> int | None:
    inside = (index for index, count in enumerate(counts) if count["at"] <= one.start_ms < count["end"])
    return next(inside, None)


def _counted(count: Json, inside: Sequence[Heard]) -> list[Json]:
    """One count of the screen with the moments at which it goes on; nothing when no word of it was heard."""
    spoken = [one.start_ms for one in inside if one.kind is Kind.SPEECH]
    moments = {(at - count["at"]) // count["every"]: at for at in reversed(spoken)}
    marks = [[moments[unit], count["first"] + unit + 1] for unit in sorted(moments)]
    length = inside[-1].end_ms - count["at"]
    return [{"kind": "count", "at": count["at"], "ms": length, "marks": marks}] if marks else []


def _tidied(found: Sequence[Json]) -> list[Json]:
    """Phrases with a capital; the words of a count-in, which are said one by one, as one phrase."""
    tidy: list[Json] = []
    for part in found:
        before = tidy[-1] if tidy else {}
        if part["kind"] == before.get("kind") == "say" and before["text"][-1].isalpha():
            before["text"] += f", {part['text']}"
            before["ms"] = part["at"] + part["ms"] - before["at"]
        else:
            tidy.append(part)
    for part in tidy:
        if part["kind"] == "say":
            part["text"] = part["text"][:1].upper() + part["text"][1:]
    return tidy


def _parts(piece: Prose | Count | Quiet) -> Iterator[Json]:
    match piece:
        case Prose():
            yield from _sentences(piece)
        case Count():
            marks = [list(mark) for mark in piece.marks]
            yield {"kind": "count", "at": piece.start_ms, "ms": piece.length_ms, "marks": marks}
        case Quiet():
            yield {"kind": "quiet", "at": piece.start_ms, "ms": piece.length_ms}


def _sentences(piece: Prose) -> Iterator[Json]:
    """Prose at its sentences; time is shared out by letters."""
    found = re.findall(r"[^.!?]+[.!?]*\s*|[.!?]+\s*", piece.text)
    letters, said = sum(map(len, found)) or 1, 0
    for sentence in found:
        start = piece.length_ms * said // letters
        said += len(sentence)
        end = piece.length_ms * said // letters
        yield {"kind": "say", "at": piece.start_ms + start, "ms": end - start, "text": sentence.strip()}


def screen(device: Device) -> Json | None:
    """The data of what is on the screen."""
    if device.screen is None:
        return None
    data: Json | None = (device.screen.get("datasources") or {}).get("coach")
    return data


def playing(device: Device, number: int, *, sounds: bool) -> Json | None:
    """What is being said, and how far it has got (`elapsed` is below zero before its first sound)."""
    now = device.playing
    if now is None or not now.playback.heard:
        return None
    said = [line for line in range(len(device.transcript)) if device.transcript[line].who == "A"]
    return {
        "id": number,
        "elapsed": device.clock.now_ms - now.started_at,
        "total": now.playback.total_ms,
        "audio": f"/audio/{number}.wav" if sounds else None,
        "reprompt": now.is_reprompt,
        "line": said[-1] if said else None,
        "steps": _moments(screen(device), now),
    }


def _moments(shown: Json | None, now: Playing) -> list[list[int] | None]:
    """When each instruction on the screen is said, by its words, in ms from the first sound."""
    steps = (shown or {}).get("steps") or []
    return [_moment(now.playback, str(step["text"])) for step in steps]


def _moment(playback: Playback, text: str) -> list[int] | None:
    for index, part in enumerate(playback.heard):
        place = part.text.find(text) if part.kind is Kind.SPEECH else -1
        if place >= 0:
            letters = len(part.text)
            after = playback.heard[index + 1 : index + 2]
            until = part.start_ms + part.length_ms * (place + len(text)) // letters
            if place + len(text) == letters and after and after[0].kind is Kind.SILENCE:
                until = after[0].end_ms  # the quiet in which it is followed
            return [part.start_ms + part.length_ms * place // letters, until]
    return None


def timeline(device: Device) -> list[Json]:
    """The last answer, sound by sound."""
    heard = device.answer.heard if device.answer else ()
    return [
        {"at": one.start_ms, "ms": one.length_ms, "kind": str(one.kind), "text": one.text, "cut": one.cut_ms}
        for one in heard
    ]

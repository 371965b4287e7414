"""A counted plan as an APL for Audio document: the two upper rungs of the counting ladder.

The document is static and takes its numbers from a data source. Prose is a Mixer of its words and a silence as long as
the plan gives it, so that what follows starts on time on any voice; a count is the same with the words cut at the end
of its slot.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stretch_coach.speech import ssml
from stretch_coach.speech.script import BLOCK_MS
from stretch_coach.timeline import Carrier, Cue, Part, total_ms

DIRECTIVE = "Alexa.Presentation.APLA.RenderDocument"
TOKEN = "count"  # noqa: S105 - the platform's word for a document's name
MAX_MS = 240_000
"""docs/reference/alexa-rules.md 2.6: the audio of one response lasts at most 240 s."""
MAX_FILES = 15
"""docs/reference/alexa-rules.md 2.6: at most 15 audio files a response. Whether Speech counts is unknown, so the blocks
rung stays within it."""
BLOCK_STEPS_MS = (BLOCK_MS, 4000, 5000, 6000, 8000, 10_000, 15_000, 20_000, 30_000)


def _mixer(speech: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "Mixer", "items": [{"type": "Silence", "duration": "${data.ms}"}, speech]}


def _when(kind: str, component: Mapping[str, Any]) -> dict[str, Any]:
    return {"when": f"${{data.kind == '{kind}'}}", **component}


_PLAIN = {"type": "Speech", "contentType": "PlainText", "content": "${data.text}"}
_MARKED = {"type": "Speech", "contentType": "SSML", "content": "${data.text}"}

DOCUMENT: Mapping[str, Any] = {
    "type": "APLA",
    "version": "0.91",
    "mainTemplate": {
        "parameters": ["payload"],
        "items": [
            {
                "type": "Sequencer",
                "data": "${payload.count.cues}",
                "items": [
                    _when("rest", {"type": "Silence", "duration": "${data.ms}"}),
                    _when("slot", _mixer({**_PLAIN, "duration": "trimToParent"})),
                    _when("block", _mixer({**_MARKED, "duration": "trimToParent"})),
                    _when("say", _mixer(_MARKED)),
                ],
            }
        ],
    },
}


def directive(cues: Sequence[Cue], blocks: bool) -> dict[str, Any]:
    """The RenderDocument directive that plays a plan, one slot a count or in blocks of a few counts."""
    data = _blocks(cues) if blocks else list(_slots(cues))
    return {
        "type": DIRECTIVE,
        "token": TOKEN,
        "document": dict(DOCUMENT),
        "datasources": {"count": {"cues": data}},
    }


def _cue(kind: str, ms: int, text: str = "") -> dict[str, Any]:
    return {"kind": kind, "ms": ms, "text": text} if text else {"kind": kind, "ms": ms}


def _slots(cues: Sequence[Cue]) -> Iterator[dict[str, Any]]:
    quiet = 0
    for cue in cues:
        if not cue.text:
            quiet += cue.ms
            continue
        if quiet:
            yield _cue("rest", quiet)
            quiet = 0
        if cue.carrier is Carrier.SLOT:
            yield _cue("slot", cue.ms, cue.text)
        else:
            yield _cue("say", cue.ms, ssml.speak(ssml.text_markup(cue.text)))
    if quiet:
        yield _cue("rest", quiet)


def _blocks(cues: Sequence[Cue]) -> list[dict[str, Any]]:
    """The plan in as small blocks as stay within MAX_FILES pieces of speech."""
    data: list[dict[str, Any]] = []
    for length in BLOCK_STEPS_MS:
        data = list(_in_blocks(cues, length))
        if sum("text" in cue for cue in data) <= MAX_FILES:
            break
    return data


_COUNTED = {Part.COUNT, Part.READY, Part.REST}


def _in_blocks(cues: Sequence[Cue], length: int) -> Iterator[dict[str, Any]]:
    group: list[Cue] = []
    for cue, following in zip(cues, [*cues[1:], None], strict=True):
        starts_the_clock = cue.part is Part.READY and (following is None or following.part is not Part.READY)
        too_long = _is_counted(cue) and total_ms(group) + cue.ms > length
        if group and (_kind(cue) != _kind(group[0]) or too_long or starts_the_clock):
            yield _grouped(group)
            group = []
        group.append(cue)
    if group:
        yield _grouped(group)


def _kind(cue: Cue) -> Part | None:
    """What belongs in one piece: prose of any part together, counted cues with their own part only."""
    return cue.part if _is_counted(cue) else None


def _is_counted(cue: Cue) -> bool:
    return cue.part in _COUNTED and cue.carrier is not Carrier.PROSE


def _grouped(group: Sequence[Cue]) -> dict[str, Any]:
    ms = total_ms(group)
    if not any(cue.text for cue in group):
        return _cue("rest", ms)
    if _is_counted(group[0]):
        return _cue("block", ms, ssml.block(group))
    return _cue("say", ms, ssml.prose(group))

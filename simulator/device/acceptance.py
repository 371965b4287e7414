"""Whether Alexa takes an answer, and what is heard of it."""

from collections.abc import Callable

from simulator.device import limits
from simulator.device.parts import DeviceError, Json
from sound.apla import AplaError
from sound.playback import Playback, reprompt_timeline, timeline
from sound.ssml import SpeechRun, SsmlError


def accepted(
    kind: str, response: Json, *, has_screen: bool, locale: str, length_of: Callable[[SpeechRun], int]
) -> Playback:
    """The speech of the answer to a request of type `kind`, whole; raises DeviceError with all that is wrong in it."""
    found = limits.problems(response, request_type=kind, has_screen=has_screen)
    whole = Playback((), 0)
    if not found:
        try:
            whole = timeline(response, length_of)
            reprompt_timeline(response, length_of)
        except (AplaError, SsmlError) as error:
            found.append(str(error))
        else:
            found += _microphone_problems(response["response"], whole, locale)
    if found:
        raise DeviceError(f"Alexa refuses the answer to {kind}: " + "; ".join(found), response)
    return whole


def _microphone_problems(body: Json, whole: Playback, locale: str) -> list[str]:
    if "shouldEndSession" not in body:
        return []
    opens = not body["shouldEndSession"]
    return limits.words_problems(whole.text, microphone_opens=opens, locale=locale)

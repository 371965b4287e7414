"""Listeners who talk to the web service at a given rate, with signed requests over loopback.

Latency counts from the moment a request was due, not from when it could be sent: a server that falls behind must not
make the measurement wait with it.
"""

import http.client
import json
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bench.load.alexa_signing import headers, stamped
from simulator.device.envelope import Identity, envelope, in_session

TIMEOUT_SECONDS: Final = 8.0
"""Alexa waits no longer."""
AT_ONCE: Final = 32
"""Requests that may be under way; one that is due while all are waits, and its wait counts."""

IDLE_SECONDS: Final = 2.0
"""A connection unused for longer is not used again: the server is about to close it, as a proxy knows too."""

Json = dict[str, Any]
Sign = Callable[[bytes], str]


@dataclass
class Listener:
    """Somebody who goes through a session turn by turn, again and again."""

    user_id: str
    script: Sequence[Json]
    """What is said, as `request` parts; the first one opens the session."""
    turn: int = 0
    attributes: Json = field(default_factory=dict)
    answer: Json | None = None
    """The last one that arrived."""
    connection: http.client.HTTPConnection | None = None
    used_at: float = 0.0

    def hang_up(self) -> None:
        """Close the connection."""
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def body(self) -> bytes:
        """The next request, of this moment."""
        who = Identity(user_id=self.user_id)
        new = self.turn % len(self.script) == 0
        request = {**self.script[self.turn % len(self.script)], "requestId": f"{self.user_id}.{self.turn}"}
        message = envelope(request, who, screen=False)
        return stamped(in_session(message, who, session_id="1", new=new, attributes=self.attributes))


@dataclass(frozen=True)
class Sample:
    """What became of one request."""

    milliseconds: float
    """From when it was due."""
    error: str = ""
    unsaved: bool = False
    """Answered, and said to be not saved."""


@dataclass
class Client:
    """Sends the requests of a crowd to one server."""

    port: int
    sign: Sign
    crowd: Sequence[Listener]

    def __post_init__(self) -> None:
        self._idle: queue.SimpleQueue[Listener] = queue.SimpleQueue()
        for listener in self.crowd:
            self._idle.put(listener)

    def at_rate(self, a_second: float, seconds: float) -> list[Sample]:
        """Requests due evenly at a rate, for so long."""
        began = time.monotonic()
        return self._run([began + number / a_second for number in range(int(a_second * seconds))], AT_ONCE)

    def flat_out(self, turns: int, at_once: int, most_seconds: float) -> list[Sample]:
        """So many turns as fast as they are answered, until they are done or time is over."""
        ends = time.monotonic() + most_seconds
        return self._run([0.0] * turns, at_once, ends)

    def _run(self, due: Sequence[float], at_once: int, ends: float = float("inf")) -> list[Sample]:
        waiting: queue.SimpleQueue[float] = queue.SimpleQueue()
        for moment in due:
            waiting.put(moment)
        samples: list[Sample] = []

        def work() -> None:
            while time.monotonic() < ends:
                try:
                    moment = waiting.get_nowait()
                except queue.Empty:
                    return
                time.sleep(max(0.0, moment - time.monotonic()))
                samples.append(self._one(moment or time.monotonic()))

        threads = [threading.Thread(target=work) for _ in range(at_once)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for listener in self.crowd:
            listener.hang_up()
        return samples

    def _one(self, due: float) -> Sample:
        listener = self._idle.get()
        try:
            answer = self._send(listener)
        except (OSError, http.client.HTTPException, ValueError) as error:
            listener.hang_up()
            listener.attributes, listener.turn, listener.answer = {}, 0, None
            return Sample((time.monotonic() - due) * 1000, str(error) or type(error).__name__)
        finally:
            self._idle.put(listener)
        milliseconds = (time.monotonic() - due) * 1000
        return Sample(milliseconds, unsaved="unsaved" in answer.get("sessionAttributes", {}))

    def _send(self, listener: Listener) -> Json:
        body = listener.body()
        if time.monotonic() - listener.used_at > IDLE_SECONDS:
            listener.hang_up()
        if listener.connection is None:
            listener.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_SECONDS)
        listener.connection.request("POST", "/", body, headers(self.sign(body)))
        response = listener.connection.getresponse()
        content = response.read()
        if response.status != http.HTTPStatus.OK:
            raise ValueError(f"HTTP {response.status}")
        answer: Json = json.loads(content)
        listener.answer = answer
        listener.attributes = answer.get("sessionAttributes", {})
        listener.turn += 1
        listener.used_at = time.monotonic()
        return answer


def percentile(samples: Sequence[Sample], share: float) -> float:
    """Milliseconds that this share of the requests did not exceed; NaN without any."""
    values = sorted(sample.milliseconds for sample in samples)
    return values[min(len(values) - 1, int(len(values) * share))] if values else float("nan")


def script(understand: Callable[[str], Mapping[str, Any]], said: Sequence[str]) -> list[Json]:
    """Words as `request` parts."""
    return [dict(understand(words)) if words else {"type": "LaunchRequest"} for words in said]

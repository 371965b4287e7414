"""Sentences that open the skill: "open stretch coach", "ask stretch coach to start the glute bridge"."""

import re

WAKE = r"(?:(?:hey |ok |okay )?(?:alexa|echo|computer)\b[ ,.!]*)?"
OPENERS = r"(?:ask|tell|open|launch|start|begin|use|run|talk to|play|resume|enable|load|can you open|please open)"
LINKS = r"(?:to|and|that|if|whether|about|please)"


class Invocation:
    """Takes a skill's invocation away from the front or the end of a sentence."""

    def __init__(self, name: str) -> None:
        words = r"\s+".join(map(re.escape, name.split()))
        self._front = re.compile(
            rf"^\s*{WAKE}(?:{OPENERS}\s+)?(?:the\s+)?{words}\b[ ,.!?]*(?:{LINKS}\b)?\s*", re.IGNORECASE
        )
        self._tail = re.compile(rf"[ ,]+(?:with|using|in|on|from|by|through)\s+{words}[ .!?]*$", re.IGNORECASE)
        self._wake = re.compile(rf"^\s*{WAKE}", re.IGNORECASE)

    def strip(self, text: str) -> tuple[str, bool]:
        """(the sentence without wake word and invocation, whether it was invoked)."""
        front = self._front.match(text)
        if front:
            return text[front.end() :], True
        inner = self._wake.sub("", text, count=1)
        tail = self._tail.search(inner)
        return (inner[: tail.start()], True) if tail else (inner, False)

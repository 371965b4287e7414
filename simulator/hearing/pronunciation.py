"""How words sound that the recogniser's dictionary does not have, in its phones (ARPAbet without stress).

Words of the trade stand in a table; any other word is read letter by letter, roughly but always in the same way.
"""

from typing import Final

SAID: Final = {
    "abdominals": "AE B D AA M AH N AH L Z", "adductor": "AH D AH K T ER", "adductors": "AH D AH K T ER Z",
    "anjaneyasana": "AA N JH AH N EY AA S AH N AH", "apanasana": "AA P AH N AA S AH N AH",
    "backbend": "B AE K B EH N D", "balasana": "B AA L AA S AH N AH", "blacking": "B L AE K IH NG",
    "breathlessness": "B R EH TH L AH S N AH S", "cauda": "K AO D AH", "clamshells": "K L AE M SH EH L Z",
    "cooldown": "K UW L D AW N", "equina": "IH K W AY N AH", "erectile": "IH R EH K T AH L",
    "flexor": "F L EH K S ER", "flexors": "F L EH K S ER Z", "glute": "G L UW T", "glutes": "G L UW T S",
    "hammies": "HH AE M IY Z", "herniated": "HH ER N IY EY T IH D", "inguinal": "IH NG G W AH N AH L",
    "konasana": "K OW N AA S AH N AH", "malasana": "M AA L AA S AH N AH",
    "matsyendrasana": "M AA T S Y EH N D R AA S AH N AH", "meniscus": "M AH N IH S K AH S",
    "obliques": "OW B L IY K S", "osteopenia": "AA S T IY OW P IY N IY AH",
    "padangusthasana": "P AA D AA NG G UW S T AA S AH N AH", "pecs": "P EH K S",
    "piriformis": "P IH R IH F AO R M IH S", "prednisolone": "P R EH D N IH S AH L OW N",
    "prednisone": "P R EH D N IH S OW N", "prickling": "P R IH K L IH NG",
    "pristhasana": "P R IH S T AA S AH N AH", "psoas": "S OW AE S", "rotator": "R OW T EY T ER",
    "sacroiliac": "S AE K R OW IH L IY AE K", "sciatic": "S AY AE T IH K", "sciatica": "S AY AE T IH K AH",
    "secs": "S EH K S", "shins": "SH IH N Z", "soiling": "S OY L IH NG", "sorta": "S AO R T AH",
    "spondy": "S P AA N D IY", "spondylolisthesis": "S P AA N D IH L OW L IH S TH IY S IH S",
    "strengthener": "S T R EH NG TH AH N ER", "supta": "S UW P T AH", "tingly": "T IH NG G L IY",
    "unpause": "AH N P AO Z", "upavistha": "UW P AH V IH S T AH", "urination": "Y UH R AH N EY SH AH N",
    "ustrasana": "UW S T R AA S AH N AH", "utthan": "UW T AA N",
}  # fmt: skip

LETTERS: Final = {
    "tion": "SH AH N", "igh": "AY", "tch": "CH", "ck": "K", "ch": "CH", "sh": "SH", "th": "TH", "ph": "F", "wh": "W",
    "qu": "K W", "ng": "NG", "ee": "IY", "ea": "IY", "oo": "UW", "ou": "AW", "ow": "OW", "oa": "OW", "ai": "EY",
    "ay": "EY", "oi": "OY", "oy": "OY", "au": "AO", "aw": "AO", "er": "ER", "ir": "ER", "ur": "ER", "ar": "AA R",
    "or": "AO R", "a": "AE", "b": "B", "c": "K", "d": "D", "e": "EH", "f": "F", "g": "G", "h": "HH", "i": "IH",
    "j": "JH", "k": "K", "l": "L", "m": "M", "n": "N", "o": "AA", "p": "P", "q": "K", "r": "R", "s": "S", "t": "T",
    "u": "AH", "v": "V", "w": "W", "x": "K S", "y": "IY", "z": "Z",
}  # fmt: skip
"""Groups of letters to phones, the longer groups first."""


def phones(word: str) -> str:
    """A word's phones with spaces between them; raises ValueError for a word without letters."""
    if word in SAID:
        return SAID[word]
    found: list[str] = []
    rest = word.lower()
    while rest:
        group = next((one for one in LETTERS if rest.startswith(one)), rest[0])
        if group in LETTERS and not (rest == "e" and found):  # a last e is not said
            found.append(LETTERS[group])
        rest = rest[len(group) :].lstrip(group) if len(group) == 1 else rest[len(group) :]
    if not found:
        raise ValueError(f"{word!r}: no letters to read out")
    return " ".join(found)

"""Write the table of clinical pictures that are played through the safety check, for a clinician to read.

``python -m tools clinical-scripts`` writes ``docs/clinical-scripts.md`` from the heads of ``tests/dialogues/check/``;
``check`` says what is stale, and which script expects another level than its head names.
"""

import argparse
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from content_reader.documents import ROOT
from content_reader.yaml_reader import text_of
from tools.pages.written import write

MENDS = "python -m tools clinical-scripts"
FOLDER = "tests/dialogues/check"
PAGE = "docs/clinical-scripts.md"
HEAD = ("picture", "level", "why")
LEVELS: Mapping[str, tuple[str, str, str]] = {
    "emergency": ("emergency now", "call *now", "emergency"),
    "same_day": ("same day", "call *today", "same_day"),
    "soon": ("within two weeks", "make an appointment", "null"),
    "self_care": ("self-care, with the safety net", "keep moving gently", "null"),
    "adults_only": ("an adult and a doctor today; no check", "tell a parent", "adults_only"),
}
"""A level as its head names it: in the table, and what the script has to hear and to expect."""
INTRO = """# Clinical pictures played through the safety check

Nobody with clinical training has reviewed this yet. It was written by engineers. Each row is a script in
`tests/dialogues/check/` that `make test` plays word for word; its level is the one we believe a careful clinician
would give, with the reason. Please correct what you would not let be spoken to a patient.

"""


def scripts(root: Path = ROOT) -> dict[str, str]:
    """The text of every script that can be read, by its file's stem."""
    texts = {file.stem: text_of(file, "")[0] for file in sorted((root / FOLDER).glob("*.yaml"))}
    return {name: text for name, text in texts.items() if text is not None}


def head(text: str) -> dict[str, str]:
    """The comments a script begins with: picture, level and why, each on one line or more."""
    comments = re.match(r"(?:#.*\n)*", text)
    lines = re.sub(r"\n#   ", " ", comments.group() if comments else "")
    return dict(re.findall(r"^# (\w+): (.+)$", lines, re.MULTILINE))


def build(texts: Mapping[str, str]) -> str:
    """The page for scripts given by name, the most urgent first."""
    order = list(LEVELS)
    heads = sorted((order.index(found["level"]), name, found) for name, text in texts.items() if (found := head(text)))
    rows = "".join(
        f"| [{name}](../{FOLDER}/{name}.yaml) | {found['picture']} | {LEVELS[found['level']][0]} | {found['why']} |\n"
        for _, name, found in heads
    )
    return f"{INTRO}| Script | Picture | Level | Why |\n| --- | --- | --- | --- |\n{rows}"


def faults(name: str, text: str) -> Iterator[str]:
    """What is wrong with one script's head, or does not go with the script itself."""
    where, found = f"{FOLDER}/{name}.yaml", head(text)
    missing = [part for part in HEAD if part not in found]
    if missing:
        yield f"{where}: its head has no {', '.join(missing)}. Write `# {missing[0]}: …` in its first lines."
    elif found["level"] not in LEVELS:
        yield f"{where}: its level is {found['level']!r}. Use one of {', '.join(LEVELS)}."
    else:
        _, heard, expected = LEVELS[found["level"]]
        pattern = ".*".join(re.escape(part) for part in heard.split("*"))
        if not re.search(pattern, text) or f"expect: {{level: {expected}}}" not in text:
            yield f"{where}: it does not expect the level its head names, {found['level']}. Mend one of the two."


def check(root: Path = ROOT) -> list[str]:
    """One line for each script that contradicts itself, and one when the page is stale."""
    texts = scripts(root)
    wrong = [line for name, text in texts.items() for line in faults(name, text)]
    if not wrong and text_of(root / PAGE, PAGE)[0] != build(texts):
        wrong.append(f"{PAGE}: stale. Update with: {MENDS}")
    return wrong


def run(argv: Sequence[str]) -> int:
    """Write the page; 1 when a script's head is wrong."""
    argparse.ArgumentParser(prog=MENDS, description=__doc__).parse_args(argv)
    texts = scripts()
    wrong = [line for name, text in texts.items() for line in faults(name, text)]
    if wrong:
        print("\n".join(wrong))
        return 1
    write({PAGE: build(texts)}, ROOT)
    return 0

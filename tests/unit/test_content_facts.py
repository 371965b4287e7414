"""The doses that the source texts give, written down a second time: content may add to them, never change them.

``000`` and ``002`` are the two source texts (see ``tools/content/sources.py``); a figure stands here only if its line
says it. A range has both its ends; what the texts leave open is the editor's and has no row.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from content_reader.documents import load_library, read_kind

LINES: Mapping[str, tuple[tuple[str, int], ...]] = {
    "reclining-hand-to-big-toe-side": (("000", 7),),
    "rotational-step-back": (("000", 16),),
    "supported-resting-squat": (("000", 20),),
    "glute-bridge": (("000", 27),),
    "standing-hip-abduction": (("000", 29),),
    "lizard-lunge-knee-out": (("000", 34),),
    "step-back-overhead-reach": (("000", 42),),
    "supine-spinal-twist": (("000", 45), ("002", 41)),
    "wide-legged-seated-forward-fold": (("000", 48), ("002", 18)),
    "forward-backward-band-walk": (("000", 52), ("000", 56)),
    "lateral-band-walk": (("000", 52), ("000", 56)),
    "bulgarian-split-squat": (("002", 3), ("002", 14)),
    "ninety-ninety-hip-press": (("002", 15),),
    "cross-behind-side-reach": (("002", 37),),
    "wall-camel": (("002", 50),),
    "camel-pose": (("002", 59),),
    "low-lunge-hip-flexor-stretch": (("002", 61),),
}
"""Every exercise that the texts describe, and the lines that do."""

CIRCUIT = {"reps.count": 8, "reps.unit": "rep", "sets": 3, "sets_max": 4, "rest_seconds": 30}
"""Eight on each side, three to four sets, half a minute between them."""

FIGURES: Mapping[str, Mapping[str, object]] = {
    "reclining-hand-to-big-toe-side": {"hold.breaths": 6, "hold.breaths_max": 8, "hold.deep": False},
    "rotational-step-back": CIRCUIT,
    "supported-resting-squat": {"hold.deep": True},
    "glute-bridge": {"hold.seconds": 5, "reps.count_max": 30, "reps.unit": "rep"},
    "standing-hip-abduction": {"reps.pause_seconds": 1, "reps.pause_seconds_max": 2, "reps.unit": "rep"},
    "lizard-lunge-knee-out": {"hold.seconds": 10},
    "step-back-overhead-reach": CIRCUIT,
    "supine-spinal-twist": {"hold.breaths": 10, "hold.deep": True},
    "wide-legged-seated-forward-fold": {
        "hold.breaths": 5,
        "hold.deep": True,
        "longer_hold.breaths": 8,
        "longer_hold.breaths_max": 10,
        "longer_hold.deep": False,
    },
    "forward-backward-band-walk": {"reps.count": 10, "reps.unit": "step"},
    "lateral-band-walk": {"reps.count": 10, "reps.unit": "step"},
    "bulgarian-split-squat": {"reps.unit": "rep"},
    "ninety-ninety-hip-press": {"reps.count": 6, "reps.count_max": 8, "reps.unit": "rep"},
    "cross-behind-side-reach": CIRCUIT,
    "wall-camel": {},
    "camel-pose": {"hold.seconds": 30},
    "low-lunge-hip-flexor-stretch": {"hold.seconds": 30, "hold.seconds_min": 30},
}
"""The whole of what the texts say about how long and how often, below ``dose`` or at ``longer_hold``."""

FIRST_SIDES = {
    "reclining-hand-to-big-toe-side": "left",
    "lizard-lunge-knee-out": "right",
    "step-back-overhead-reach": "left",
    "supine-spinal-twist": "left",
    "forward-backward-band-walk": "forward",
    "lateral-band-walk": "right",
    "ninety-ninety-hip-press": "left",
    "low-lunge-hip-flexor-stretch": "left",
}
"""The side the text does first. The low lunge puts the right foot forward, which stretches the left hip."""

EXERCISES = {document["id"]: document for document in read_kind("exercises")}


def leaves(value: object, path: str) -> Iterator[tuple[str, object]]:
    """Dotted path and value of everything that is not null."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}")
    elif value is not None:
        yield path, value


def given(document: Mapping[str, Any]) -> dict[str, object]:
    """The figures that a file says come from a source text."""
    paths = [path for source in document["source"] for path in source["gives"]]
    figures = [*leaves(document["dose"], "dose"), *leaves(document.get("longer_hold"), "longer_hold")]
    return {
        leaf.removeprefix("dose."): value
        for leaf, value in figures
        if any(leaf == path or leaf.startswith(f"{path}.") for path in paths)
    }


def test_the_texts_describe_17_exercises() -> None:
    """Each has a row here and a file in content/exercises."""
    assert len(LINES) == 17
    assert LINES.keys() == FIGURES.keys()
    assert LINES.keys() <= EXERCISES.keys()


@pytest.mark.parametrize("exercise", LINES)
def test_an_exercise_names_the_lines_that_describe_it(exercise: str) -> None:
    """The lines that give an exercise's steps are those of the table."""
    sources = [(one["seed"][:3], one["line"]) for one in EXERCISES[exercise]["source"] if "position" in one["gives"]]
    assert sorted(sources) == sorted(LINES[exercise])


@pytest.mark.parametrize(("exercise", "figures"), FIGURES.items())
def test_a_dose_is_exactly_what_the_text_gives(exercise: str, figures: Mapping[str, object]) -> None:
    """Every figure of the text stands in the file, at both ends of a range, and no other claims to come from it."""
    assert given(EXERCISES[exercise]) == figures


@pytest.mark.parametrize(("exercise", "side"), FIRST_SIDES.items())
def test_the_first_side_is_the_one_the_text_names(exercise: str, side: str) -> None:
    """Where the text begins with a side, so does the coach."""
    assert EXERCISES[exercise]["first_side"] == side
    assert next(iter(load_library().exercises[exercise].side_cue)) == side


def test_an_exercise_no_text_describes_claims_no_figure() -> None:
    """The doses of exercises that the texts only name, or do not know, are the editor's."""
    claimed = {name: given(document) for name, document in EXERCISES.items() if name not in LINES}
    assert {name: figures for name, figures in claimed.items() if figures} == {}


def test_a_range_without_an_upper_end_is_not_closed_by_the_text() -> None:
    """At least thirty seconds is a least, and where longer ends is the editor's."""
    lunge = EXERCISES["low-lunge-hip-flexor-stretch"]
    assert "dose.hold.seconds_max" in lunge["editor_set"]


def test_thirty_bridges_are_where_it_leads_not_where_it_starts() -> None:
    """The text works up to thirty; the first dose is far smaller and the editor's."""
    bridge = EXERCISES["glute-bridge"]
    assert bridge["dose"]["reps"]["count"] <= 10
    assert "dose.reps.count" in bridge["editor_set"]


def test_the_strength_circuit_is_three_rounds_of_ten() -> None:
    """The programme of 000, line 51: three rounds, ten of each, two or three times a week."""
    circuit = next(document for document in read_kind("routines") if document["id"] == "strength-circuit")
    source = next(one for one in circuit["source"] if (one["seed"][:3], one["line"]) == ("000", 51))
    assert {"rounds", "exercises.dose.reps.count", "frequency"} <= set(source["gives"])
    assert circuit["rounds"] == 3
    assert [item["dose"]["reps"]["count"] for item in circuit["exercises"]] == [10] * len(circuit["exercises"])
    assert "Two or three" in circuit["frequency"]


@pytest.mark.parametrize("exercise", ["standing-hip-abduction", "bulgarian-split-squat"])
def test_one_leg_is_finished_before_the_other(exercise: str) -> None:
    """The paragraphs alternate and the programme does not: the coach counts one side at a time."""
    document = EXERCISES[exercise]
    assert document["sides"] == "each"
    assert "sides" in document["editor_set"]


@pytest.mark.parametrize(
    ("exercise", "ways"),
    [("forward-backward-band-walk", ("forward", "backward")), ("lateral-band-walk", ("right", "left"))],
)
def test_a_band_walk_counts_ten_steps_each_way(exercise: str, ways: tuple[str, str]) -> None:
    """Ten one way and ten back, never ten in all."""
    walk = load_library().exercises[exercise]
    assert walk.side_names == ways
    assert walk.sides == "each"
    assert walk.dose.reps is not None
    assert walk.dose.reps.count == 10

"""Everything that can come in, for the walk through the dialogue: each event with what its slots can hold."""

from collections.abc import Iterator

from stretch_coach.dialogue.table import EVENTS
from stretch_coach.events import Event, Kind, Slot

Slots = dict[str, Slot]
NONE: Slots = {}


def match(name: str, *ids: str) -> Slots:
    """One slot that resolved to these ids, best first."""
    return {name: Slot(ids[0].replace("-", " "), ids)}


def heard(name: str, value: str) -> Slots:
    """One slot with words and no match; also how numbers and durations come."""
    return {name: Slot(value)}


OTHER_RELEASE = "id-of-another-release"
"""A slot value of an interaction model that is newer or older than the code."""

SIDED, BREATHS, REPS, HELD_REPS = "low-lunge-hip-flexor-stretch", "childs-pose", "rotational-step-back", "glute-bridge"

VARIANTS: dict[str, tuple[Slots, ...]] = {
    "StartExerciseIntent": (
        match("exercise", SIDED),
        match("exercise", SIDED) | match("side", "right") | heard("duration", "PT20S"),
        match("exercise", BREATHS),
        match("exercise", REPS) | heard("count", "3"),
        match("exercise", HELD_REPS) | heard("count", "999999"),
        match("exercise", "forward-backward-band-walk") | match("side", "both"),
        match("exercise", "camel-pose") | heard("duration", "PT2H"),
        match("exercise", "supine-spinal-twist") | heard("count", "?"),
        match("exercise", SIDED, "standing-hip-flexor-stretch"),
        match("exercise", OTHER_RELEASE),
        heard("exercise", "the <wobbly> {hip} thing & co"),
        NONE,
    ),
    "StartRoutineIntent": (
        match("routine", "quick-hip-opener"), match("routine", "strength-circuit"),
        match("routine", "cool-down", "desk-break"), match("routine", OTHER_RELEASE), heard("routine", "the zoo"), NONE,
    ),
    "FindExercisesIntent": (
        match("area", "hips"), match("area", "lower-back") | match("position", "standing"),
        match("equipment", "band") | match("kind", "strength"), match("equipment", "none"),
        match("area", "chest") | match("position", "squatting") | match("kind", "mobility"),
        heard("duration", "PT5M"), heard("duration", "PT5M") | match("area", "hips") | match("position", "standing"),
        heard("duration", "PT1M"), match("area", OTHER_RELEASE), heard("area", "elbow"), NONE,
    ),
    "DescribeIntent": (match("exercise", SIDED), match("exercise", REPS, BREATHS), match("exercise", OTHER_RELEASE),
                       heard("exercise", "the pigeon"), NONE),
    "HowLongLeftIntent": (NONE, match("unit", "sides")),
    "ChangeDoseIntent": (
        match("direction", "longer"), match("direction", "shorter"), match("direction", "more") | heard("count", "5"),
        match("direction", "fewer") | heard("count", "999999"),
        match("direction", "longer") | heard("duration", "PT10S"),
        match("direction", "shorter") | heard("duration", "PT1H"), match("direction", OTHER_RELEASE), NONE,
        heard("duration", "PT20S"), match("change", "more") | heard("duration", "PT10S"), match("unit", "sets"),
        heard("count", "12") | match("unit", "breaths"), match("change", "fewer") | match("unit", "reps"),
    ),
    "ChangePaceIntent": (match("direction", "slower"), match("direction", "faster"), NONE),
    "CountStyleIntent": (*(match("style", style) for style in (
        "every-second", "every-five", "sparse", "last-five", "silent", "up", "down", OTHER_RELEASE)), NONE),
    "GuidanceModeIntent": (match("mode", "step"), match("mode", "flow"), match("mode", OTHER_RELEASE), NONE),
    "HurtsIntent": (match("symptom", "sharp-pain") | match("place", "knee"), match("symptom", "dizziness"),
                    match("symptom", "numbness"), match("place", "head"), match("symptom", OTHER_RELEASE),
                    heard("symptom", "weird"), match("place", "chest"), match("red_flag", "saddle-numbness"),
                    match("red_flag", "fever"), match("red_flag", "night-pain"), match("red_flag", OTHER_RELEASE),
                    heard("red_flag", "a purple toe"), NONE),
    "OtherSideIntent": (NONE, match("side", "left"), match("side", "right")),
    "CannotDoIntent": (match("limitation", "kneeling"), match("limitation", "no-band"), match("limitation", "floor"),
                       match("limitation", "standing"), match("limitation", OTHER_RELEASE), NONE),
    "ConditionIntent": (match("condition", "hip-replacement"), match("condition", "pregnancy"),
                        match("condition", OTHER_RELEASE), NONE),
    "ExplainTopicIntent": (match("topic", "what-is-sciatica"), match("topic", OTHER_RELEASE),
                           heard("topic", "the moon"), NONE),
    "StartSafetyCheckIntent": (NONE, match("kind", "short"), match("kind", "full"), match("kind", OTHER_RELEASE)),
    "RedFlagInfoIntent": (match("red_flag", "saddle-numbness"), match("red_flag", "blood-in-pee"),
                          match("red_flag", OTHER_RELEASE), heard("red_flag", "my cat"), NONE),
    "UnderAgeIntent": (heard("age", "12"), heard("age", "40"), heard("age", "?"), NONE),
}  # fmt: skip
"""For an event with slots: values that match, that match several, that match nothing, and none."""
KINDS = {str(kind): kind for kind in Kind if kind is not Kind.INTENT}


def events() -> Iterator[Event]:
    """Every event of the table, with every kind of slot value it can carry, and an intent nobody knows."""
    for name in EVENTS:
        for slots in VARIANTS.get(name, (NONE,)):
            yield Event(KINDS.get(name, Kind.INTENT), name, slots)
    yield Event(Kind.INTENT, "FoldLaundryIntent")

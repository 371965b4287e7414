"""What the platform knows without being told, and the word lists behind a refusal or a doubt."""

from collections.abc import Mapping

from understanding.text import word_set

BUILT_IN_PHRASES: Mapping[str, tuple[str, ...]] = {
    "AMAZON.HelpIntent": ("help", "help me", "can you help me"),
    "AMAZON.StopIntent": ("stop", "off", "shut up", "quit", "exit"),
    "AMAZON.CancelIntent": ("cancel", "never mind", "forget it"),
    "AMAZON.NavigateHomeIntent": ("go home", "home"),
    "AMAZON.YesIntent": ("yes", "yes please", "sure"),
    "AMAZON.NoIntent": ("no", "no thanks"),
    "AMAZON.NextIntent": ("next", "skip", "skip forward"),
    "AMAZON.PreviousIntent": ("previous", "go back", "skip backward", "skip back", "back up"),
    "AMAZON.RepeatIntent": ("repeat", "say that again", "repeat that"),
    "AMAZON.PauseIntent": ("pause", "pause that"),
    "AMAZON.ResumeIntent": ("resume", "continue", "keep going"),
    "AMAZON.StartOverIntent": ("start over", "restart", "start again"),
}
"""Amazon's own phrases (standard built-in intents page); a model's own sample goes before them."""

HEDGES = word_set(
    "maybe perhaps possibly probably sometimes occasionally think guess suppose might may bit little kind kinda sort "
    "sorta unsure slightly somewhat depends hardly almost nearly rarely really sure"
)
"""A sentence with one of these is never taken as only similar to Yes or No."""

ELSEWHERE = word_set(
    "alarm timer timers music song songs playlist radio podcast news movie film video game games car engine light "
    "lights lamp tv television oven microwave kettle coffee dishwasher washing laundry dishes vacuum heating "
    "thermostat fan weather call phone message email text meeting calendar shopping list pizza dinner lunch recipe "
    "taxes homework math volume store shops sleep bed bath shower fire war business company website computer story "
    "stories joke jokes book poem translation dog dogs cats chess garden"
)
"""Words of other skills' business: a sentence with one of them is not taken as similar to a sample without it, and what
follows "start" is not taken for an exercise."""

NOT_IN_A_NAME = word_set(
    "i you we he she they them him her me us of have has is are was were be been am do does did not no can could would "
    "will should if because when where who what which why how there here very too"
)
"""Words that no unknown exercise's name has: with one of them, the words after "do" are a sentence."""

STATEMENTS = frozenset(
    {"HurtsIntent", "ConditionIntent", "UnderAgeIntent", "RedFlagInfoIntent", "ExplainTopicIntent", "CountStyleIntent"}
)
"""Intents that tell or ask about something: "no fever" is none of them, though it resembles them."""

GIVES_WAY_TO_YES = (STATEMENTS - {"HurtsIntent"}) | {"OtherSideIntent", "FindExercisesIntent", "AMAZON.FallbackIntent"}
"""What a sentence that begins with "yes" only seems to mean, when a reason or an addition follows."""

ANSWER_STARTS = word_set("i my it they there both in on since for but and all every quite very last this that a the")
"""After "yes", these begin a reason or an addition, not another request."""

"""What a rule may answer, and where, as types: a rule that stands in the wrong row of the table fails in mypy.

``def delete(turn: On[Yes, Deleting])`` is the rule for a yes, in the state DELETING and nowhere else. A rule that
answers more names it all: ``On[Pause | No, WithActivity]``. What several rules share takes a plain `Turn`, which is any
turn, so that each of them may call it.

Nothing here runs in the skill: rules import these names under TYPE_CHECKING, and every turn is a `Turn`. A new event
needs a name here, a place in `Anything` and a line in `Rows`; a new state needs a name and a line in `Table`.
"""

from typing import Generic, Literal, TypedDict, TypeVar

from stretch_coach.dialogue.turn_state import Row, Turn
from stretch_coach.session import State

# Events, by the names the table knows them by

Launch = Literal["Launch"]
Ended = Literal["Ended"]
AudioFailed = Literal["AudioFailed"]
Touch = Literal["Touch"]
Help = Literal["HelpIntent"]
Stop = Literal["StopIntent"]
Cancel = Literal["CancelIntent"]
NavigateHome = Literal["NavigateHomeIntent"]
Fallback = Literal["FallbackIntent"]
Yes = Literal["YesIntent"]
No = Literal["NoIntent"]
Next = Literal["NextIntent"]
Previous = Literal["PreviousIntent"]
Repeat = Literal["RepeatIntent"]
Pause = Literal["PauseIntent"]
Resume = Literal["ResumeIntent"]
StartOver = Literal["StartOverIntent"]
StartExercise = Literal["StartExerciseIntent"]
StartRoutine = Literal["StartRoutineIntent"]
FindExercises = Literal["FindExercisesIntent"]
Ready = Literal["ReadyIntent"]
Describe = Literal["DescribeIntent"]
HowLongLeft = Literal["HowLongLeftIntent"]
ChangeDose = Literal["ChangeDoseIntent"]
ChangePace = Literal["ChangePaceIntent"]
CountStyle = Literal["CountStyleIntent"]
CannotHear = Literal["CannotHearIntent"]
GuidanceMode = Literal["GuidanceModeIntent"]
Easier = Literal["EasierIntent"]
Harder = Literal["HarderIntent"]
Hurts = Literal["HurtsIntent"]
CallForHelp = Literal["CallForHelpIntent"]
OtherSide = Literal["OtherSideIntent"]
Again = Literal["AgainIntent"]
CannotDo = Literal["CannotDoIntent"]
Condition = Literal["ConditionIntent"]
Progress = Literal["ProgressIntent"]
ExplainTopic = Literal["ExplainTopicIntent"]
StartSafetyCheck = Literal["StartSafetyCheckIntent"]
RedFlagInfo = Literal["RedFlagInfoIntent"]
NotSure = Literal["NotSureIntent"]
Why = Literal["WhyIntent"]
Clarify = Literal["ClarifyIntent"]
GoBack = Literal["GoBackIntent"]
Skip = Literal["SkipIntent"]
Pick = Literal["PickIntent"]
SeenDoctor = Literal["SeenDoctorIntent"]
UnderAge = Literal["UnderAgeIntent"]
DeleteMyData = Literal["DeleteMyDataIntent"]
LockFound = Literal["LockFound"]
EraseFailed = Literal["EraseFailed"]

Anything = (
    Launch | Ended | AudioFailed | Touch | Help | Stop | Cancel | NavigateHome | Fallback | Yes | No | Next | Previous
    | Repeat | Pause | Resume | StartOver | StartExercise | StartRoutine | FindExercises | Ready | Describe
    | HowLongLeft | ChangeDose | ChangePace | CountStyle | CannotHear | GuidanceMode | Easier | Harder | Hurts
    | CallForHelp | OtherSide | Again | CannotDo | Condition | Progress | ExplainTopic | StartSafetyCheck | RedFlagInfo
    | NotSure | Why | Clarify | GoBack | Skip | Pick | SeenDoctor | UnderAge | DeleteMyData | LockFound | EraseFailed
)  # fmt: skip
"""Every event there is."""
Adjustment = Ready | Previous | GoBack | StartOver | Again | OtherSide | ChangeDose | Easier | Harder
"""What asks for another part of an exercise, or for it to be done otherwise."""
Control = Adjustment | Next | Pause | Resume | HowLongLeft | Skip
"""What steers an exercise under way."""
Wish = (
    StartExercise | StartRoutine | FindExercises | Describe | ChangePace | CountStyle | CannotHear | GuidanceMode
    | Progress | StartSafetyCheck | SeenDoctor
)  # fmt: skip
"""What asks for something else than what is being talked about."""

# Places: states, alone and in groups

Home = Literal[State.HOME]
Choosing = Literal[State.CHOOSING]
Stepping = Literal[State.STEPPING]
Counting = Literal[State.COUNTING]
Between = Literal[State.BETWEEN]
Paused = Literal[State.PAUSED]
Done = Literal[State.DONE]
Returning = Literal[State.RETURNING]
Hurting = Literal[State.HURTING]
Deleting = Literal[State.DELETING]
Checking = Literal[State.CHECKING]
CheckPaused = Literal[State.CHECK_PAUSED]
Advised = Literal[State.ADVISED]

Exercising = Stepping | Counting | Between | Paused | Done
"""An exercise is under way, and its controls hold."""
WithActivity = Exercising | Returning
"""`turn.activity` is there."""
InCheck = Checking | CheckPaused
Anywhere = State

Event_co = TypeVar("Event_co", bound=Anything, covariant=True)
Place_co = TypeVar("Place_co", bound=State, covariant=True)
Here = TypeVar("Here", bound=State)


class On(Turn, Generic[Event_co, Place_co]):
    """A turn that answers one of these events in one of these states."""


class Rows(TypedDict, Generic[Here], total=False):
    """Rows of one state, or those that hold in several."""

    Launch: Row[On[Launch, Here]]
    Ended: Row[On[Ended, Here]]
    AudioFailed: Row[On[AudioFailed, Here]]
    Touch: Row[On[Touch, Here]]
    HelpIntent: Row[On[Help, Here]]
    StopIntent: Row[On[Stop, Here]]
    CancelIntent: Row[On[Cancel, Here]]
    NavigateHomeIntent: Row[On[NavigateHome, Here]]
    FallbackIntent: Row[On[Fallback, Here]]
    YesIntent: Row[On[Yes, Here]]
    NoIntent: Row[On[No, Here]]
    NextIntent: Row[On[Next, Here]]
    PreviousIntent: Row[On[Previous, Here]]
    RepeatIntent: Row[On[Repeat, Here]]
    PauseIntent: Row[On[Pause, Here]]
    ResumeIntent: Row[On[Resume, Here]]
    StartOverIntent: Row[On[StartOver, Here]]
    StartExerciseIntent: Row[On[StartExercise, Here]]
    StartRoutineIntent: Row[On[StartRoutine, Here]]
    FindExercisesIntent: Row[On[FindExercises, Here]]
    ReadyIntent: Row[On[Ready, Here]]
    DescribeIntent: Row[On[Describe, Here]]
    HowLongLeftIntent: Row[On[HowLongLeft, Here]]
    ChangeDoseIntent: Row[On[ChangeDose, Here]]
    ChangePaceIntent: Row[On[ChangePace, Here]]
    CountStyleIntent: Row[On[CountStyle, Here]]
    CannotHearIntent: Row[On[CannotHear, Here]]
    GuidanceModeIntent: Row[On[GuidanceMode, Here]]
    EasierIntent: Row[On[Easier, Here]]
    HarderIntent: Row[On[Harder, Here]]
    HurtsIntent: Row[On[Hurts, Here]]
    CallForHelpIntent: Row[On[CallForHelp, Here]]
    OtherSideIntent: Row[On[OtherSide, Here]]
    AgainIntent: Row[On[Again, Here]]
    CannotDoIntent: Row[On[CannotDo, Here]]
    ConditionIntent: Row[On[Condition, Here]]
    ProgressIntent: Row[On[Progress, Here]]
    ExplainTopicIntent: Row[On[ExplainTopic, Here]]
    StartSafetyCheckIntent: Row[On[StartSafetyCheck, Here]]
    RedFlagInfoIntent: Row[On[RedFlagInfo, Here]]
    NotSureIntent: Row[On[NotSure, Here]]
    WhyIntent: Row[On[Why, Here]]
    ClarifyIntent: Row[On[Clarify, Here]]
    GoBackIntent: Row[On[GoBack, Here]]
    SkipIntent: Row[On[Skip, Here]]
    PickIntent: Row[On[Pick, Here]]
    SeenDoctorIntent: Row[On[SeenDoctor, Here]]
    UnderAgeIntent: Row[On[UnderAge, Here]]
    DeleteMyDataIntent: Row[On[DeleteMyData, Here]]
    LockFound: Row[On[LockFound, Here]]
    EraseFailed: Row[On[EraseFailed, Here]]


class Table(TypedDict):
    """The rows particular to each state, by its value; none may be missing."""

    home: Rows[Home]
    choosing: Rows[Choosing]
    stepping: Rows[Stepping]
    counting: Rows[Counting]
    between: Rows[Between]
    paused: Rows[Paused]
    done: Rows[Done]
    returning: Rows[Returning]
    hurting: Rows[Hurting]
    deleting: Rows[Deleting]
    checking: Rows[Checking]
    check_paused: Rows[CheckPaused]
    advised: Rows[Advised]

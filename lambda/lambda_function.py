"""The Lambda's entry: settings → build the skill once → lambda_handler(event, context)."""

import json
import logging
import os
import time
from pathlib import Path
from typing import Any

from stretch_coach.alexa.skill import Skill, build_skill, invoke_json
from stretch_coach.errors import ContentError, StoreError
from stretch_coach.library import Library
from stretch_coach.logs import to_stdout
from stretch_coach.settings import Settings
from stretch_coach.stores.contract import Store
from stretch_coach.stores.memory import MemoryStore

HERE = Path(__file__).resolve().parent
LOG = logging.getLogger("stretch_coach")


def load_library(here: Path) -> Library:
    """The compiled content beside this file, as the bundle has it; in a checkout, the YAML it is compiled from.

    Raises ContentError for content that cannot be read, or where there is neither.
    """
    compiled = here / "stretch_coach" / "library.json"
    if compiled.is_file():
        return Library.from_documents(json.loads(compiled.read_text(encoding="utf-8")))
    try:
        from content_reader.documents import load_library as load_from_source
    except ModuleNotFoundError as error:
        what, mend = f"it is not there, and neither is {error.name}", "Run make bundle, or use the checkout's .venv."
        raise ContentError("lambda/stretch_coach/library.json", what, mend) from error
    return load_from_source()


def make_store(settings: Settings) -> Store:
    """The table, or memory where none is configured."""
    if settings.table:
        from stretch_coach.stores.dynamodb import DynamoStore

        store = DynamoStore(settings.table)
        try:
            store.warm()  # in the init phase, which is faster and not part of anybody's turn
        except StoreError:
            LOG.warning("the DynamoDB client could not be made yet; the first turn tries again")
        return store
    LOG.warning("STRETCH_COACH_TABLE is not set: state is kept in memory and lost when this process ends")
    return MemoryStore()


def compose() -> Skill:
    """Everything put together from the environment."""
    if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
        to_stdout()
    LOG.setLevel(logging.INFO)
    logging.getLogger("botocore").setLevel(logging.WARNING)  # it tells where it found its credentials, at every start
    settings = Settings.from_env(os.environ)
    return build_skill(load_library(HERE), make_store(settings), time.time, settings)


SKILL = compose()


def lambda_handler(event: Any, context: Any) -> dict[str, Any]:
    """Answer one Alexa request; raises EventFailed for a skill event that should be delivered again."""
    return invoke_json(SKILL, event, context)

"""Everything put together: settings → library, store and skill → verifier → app."""

from collections.abc import Callable
from time import time

from flask import Flask

from stretch_coach.alexa.skill import Skill, build_skill
from stretch_coach.errors import StoreError
from stretch_coach.library import Library
from stretch_coach.stores.contract import Store
from webservice.app import LoopbackOnly, create_app
from webservice.chain import Trust, system_roots
from webservice.download import Downloader, tls_context
from webservice.logs import LOG
from webservice.settings import WebSettings
from webservice.signers import Signers
from webservice.verifier import Verifier


def load_library() -> Library:
    """The content of this checkout; raises ContentError."""
    from content_reader.documents import load_library as load

    return load()


def make_store(settings: WebSettings) -> Store:
    """The SQLite file or the DynamoDB table; neither need be there yet."""
    if settings.state_file:
        from stretch_coach.stores.sqlite import SqliteStore

        return SqliteStore(settings.state_file)
    from stretch_coach.stores.dynamodb import DynamoStore

    store = DynamoStore(settings.skill.table)
    try:
        store.warm()  # before the first turn, which has little time
    except StoreError:
        LOG.warning("the DynamoDB client could not be made yet; the first turn tries again")
    return store


def make_skill(settings: WebSettings, library: Library, clock: Callable[[], float] = time) -> Skill:
    """The skill as the Lambda has it, on the store that the settings name."""
    return build_skill(library, make_store(settings), clock, settings.skill)


def make_verifier(skill_id: str) -> Verifier:
    """The verifier with this machine's roots."""
    roots = system_roots()
    return Verifier(skill_id, Signers(Trust(roots), Downloader(tls_context(roots))))


def make_app(settings: WebSettings, library: Library) -> Flask:
    """The app of one process. Made after a fork: neither connections nor threads survive one."""
    skill = make_skill(settings, library)
    guard = LoopbackOnly() if settings.insecure_local else make_verifier(settings.skill.skill_id)
    return create_app(skill, guard)

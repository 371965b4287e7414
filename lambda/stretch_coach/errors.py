"""Errors whose name says whose fault it is."""


class StretchCoachError(Exception):
    """Base of every error this project raises on purpose."""


class ContentError(StretchCoachError):
    """An author's mistake in a content file.

    Its text is ``where: problem. mend``, so that it can be printed as it is.
    """

    def __init__(self, where: str, problem: str, mend: str = "") -> None:
        self.where = where
        self.problem = problem
        self.mend = mend
        super().__init__(f"{where}: {problem}. {mend}".rstrip())


class RequestError(StretchCoachError):
    """A request that does not have the shape the platform promises."""


class StoreError(StretchCoachError):
    """The store could not be reached or refused; never carries the content of a record."""


class EventFailed(StretchCoachError):  # noqa: N818 - the event failed; it is the platform that has to act on it
    """A skill event was not carried out, and the platform should deliver it again."""

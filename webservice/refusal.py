"""Why a request was turned away: for our log only, never for whoever sent it."""

from enum import StrEnum


class Reason(StrEnum):
    """What was wrong, in the order in which it is looked for."""

    HEADERS = "headers that are not HTTP, or too many or too long"
    CONTENT_TYPE = "not application/json in UTF-8"
    CONTENT_ENCODING = "a compressed body"
    LENGTH = "no usable Content-Length"
    TOO_LARGE = "a body over the limit"
    TRUNCATED = "a body that did not arrive whole"
    FORWARDED = "not from this machine, which is all that --insecure-local serves"
    CHAIN_URL = "a SignatureCertChainUrl that is missing or not Amazon's"
    SIGNATURE_HEADER = "a Signature-256 that is missing or not base64"
    DOWNLOAD = "the certificate chain could not be downloaded"
    CHAIN = "the certificate chain is not to be trusted"
    SIGNATURE = "the signature is not of this body"
    JSON = "not a JSON object"
    TIMESTAMP = "a timestamp that is missing, too old or in the future"
    SKILL_ID = "another skill's id, or none"


class Refused(Exception):  # noqa: N818 - an answer, not a failure: it becomes HTTP 400 or 413
    """The request is not passed on."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason.name)

    @property
    def status(self) -> int:
        """413 for a body over the limit, 400 for everything else."""
        return 413 if self.reason is Reason.TOO_LARGE else 400

"""Where a certificate chain may come from: Amazon's rule for SignatureCertChainUrl, after normalization.

The rule (reference of the platform: "Host a custom skill as a web service"): https, s3.amazonaws.com, a path under
/echo.api/ with exactly these letters, port 443 or none, all of it after the URL was normalized. What no URL of Amazon's
has ever had is refused as well, because each spelling would be one more download: a user, a query, a fragment.
"""

import re
from typing import Final
from urllib.parse import urlsplit

from webservice.refusal import Reason, Refused

HOST: Final = "s3.amazonaws.com"
PORT: Final = 443
FOLDER: Final = "/echo.api/"
MOST_CHARACTERS: Final = 512

_URL: Final = re.compile(r"[!-~]+", re.ASCII)
"""Printable ASCII without the space: urlsplit drops tabs and line breaks silently."""
_PORT: Final = re.compile(r"0*443", re.ASCII)
_PATH: Final = re.compile(r"/echo\.api/(?:[A-Za-z0-9._~-]+/)*[A-Za-z0-9._~-]+", re.ASCII)
"""Nothing that another reader of the URL could take for a separator or decode once more."""
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9._~-]", re.ASCII)


def chain_path(url: str | None) -> str:
    """The normalized path of a certificate chain on https://s3.amazonaws.com; raises Refused."""
    path = _path(url) if url and len(url) <= MOST_CHARACTERS and _URL.fullmatch(url) else None
    if path is None:
        raise Refused(Reason.CHAIN_URL)
    return path


def _path(url: str) -> str | None:
    try:
        parts = urlsplit(url)
    except ValueError:  # a bracketed host that is no address
        return None
    host, colon, port = parts.netloc.partition(":")
    if parts.scheme != "https" or host.lower() != HOST or (colon and port and not _PORT.fullmatch(port)):
        return None
    if "?" in url or "#" in url:
        return None
    path = without_dots(_ESCAPE.sub(_decoded, parts.path))
    return path if _PATH.fullmatch(path) else None


def _decoded(escape: re.Match[str]) -> str:
    """RFC 3986 section 6.2.2.2: an escaped letter, digit, `-`, `.`, `_` or `~` is the same as the character."""
    character = chr(int(escape[1], 16))
    return character if _UNRESERVED.fullmatch(character) else escape[0]


def without_dots(path: str) -> str:
    """RFC 3986 section 5.2.4: the path without its `.` and `..` segments."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments and segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)

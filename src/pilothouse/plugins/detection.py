"""Which version control system a plugin's source is kept in, as Masterminds' ``vcs`` finds it out."""

from __future__ import annotations

import os
import re

from pilothouse.golang.urls import Url, UrlSyntaxError, parse
from pilothouse.plugins.errors import PluginInvalid
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

GIT, SUBVERSION, MERCURIAL, BAZAAR = "git", "svn", "hg", "bzr"
UNDETECTED = "Cannot detect VCS"

_SCP = re.compile(r"([a-zA-Z0-9_]+)@([a-zA-Z0-9._-]+):(.*)")
_NAME = r"[A-Za-z0-9_.\-]+"
_BY_SCHEME = {"git+ssh": GIT, "git": GIT, "bzr+ssh": BAZAAR, "svn+ssh": SUBVERSION}
_BY_USER = {"git": GIT, "hg": MERCURIAL}
_LAUNCHPAD_PERSON = rf"~{_NAME}/(\+KIND|{_NAME})/{_NAME}"
#: What a host keeps, and the paths below it that are repositories (``vcsList``).
_BY_HOST = {
    "github.com": (GIT, rf"[/|:]{_NAME}/{_NAME}(/{_NAME})*"),
    "bitbucket.org": (GIT, rf"/{_NAME}/{_NAME}(/{_NAME})*"),
    "launchpad.net": (
        BAZAAR,
        rf"/({_NAME}(/{_NAME})?|{_LAUNCHPAD_PERSON.replace('KIND', 'junk')})(/{_NAME})*",
    ),
    "git.launchpad.net": (GIT, rf"/({_NAME}|{_LAUNCHPAD_PERSON.replace('KIND', 'git')})"),
    "hub.jazz.net": (GIT, rf"/git/[a-z0-9]+/{_NAME}(/{_NAME})*"),
    "go.googlesource.com": (GIT, rf"/{_NAME}/?"),
    "git.openstack.org": (GIT, rf"/{_NAME}/{_NAME}"),
    "hg.code.sf.net": (MERCURIAL, rf"/p/{_NAME}/{_NAME}"),
    "git.code.sf.net": (GIT, rf"/p/{_NAME}/{_NAME}"),
    "svn.code.sf.net": (SUBVERSION, rf"/p/{_NAME}/{_NAME}"),
}
_ENDING = re.compile(r"\.(git|hg|svn|bzr)\Z")
#: The ways that each program may reach a repository; none of them runs another program that the URL names.
_SCHEMES = {
    GIT: frozenset(("https", "http", "git", "ssh", "git+ssh", "file")),
    MERCURIAL: frozenset(("https", "http", "ssh", "file")),
    SUBVERSION: frozenset(("https", "http", "svn", "svn+ssh", "file")),
    BAZAAR: frozenset(("https", "http", "bzr", "bzr+ssh", "sftp", "file")),
}


class Origin(Record):
    """Where a repository is and what keeps it.

    Attributes:
        kind: ``git``, ``svn``, ``hg`` or ``bzr``.
        url: What its program is given.
    """

    kind: str
    url: str


def source_url(source: str) -> Url:
    """Take a source apart; what ``scp`` writes is one as well (``scpSyntaxRe``).

    Raises:
        PluginInvalid: It is no URL.
    """
    found = _SCP.fullmatch(source)
    if found:
        return Url(user=found[1], host=found[2], path=f"/{found[3]}")
    try:
        return parse(source)
    except UrlSyntaxError as error:
        raise PluginInvalid(str(error)) from error


def detect(source: str, copy: str, page: Callable[[str], bytes | None]) -> Origin:
    """Return what keeps a repository (``vcs.NewRepo``).

    Args:
        source: URL of the repository.
        copy: Folder of the copy that may be there already.
        page: Returns what a web server answers, ``None`` without an answer.

    Raises:
        PluginInvalid: Nothing says so, or its program would be given something that is no plain URL.
    """
    url = source_url(source)
    kind = _from_url(url, scp=bool(_SCP.fullmatch(source)))
    if kind:
        return _checked(Origin(kind=kind, url=source))
    named = _from_page(url, page)
    if named is not None:
        return _checked(named, remote=True)
    kind = kept_in(copy)
    if not kind:
        raise PluginInvalid(UNDETECTED)
    return _checked(Origin(kind=kind, url=source))


def kept_in(folder: str) -> str:
    """Return what a folder is a working copy of, nothing when it is none (``DetectVcsFromFS``)."""
    for kind in (GIT, SUBVERSION, MERCURIAL, BAZAAR):
        if folder and os.path.exists(os.path.join(folder, f".{kind}")):
            return kind
    return ""


def _from_url(url: Url, *, scp: bool) -> str:
    """Return what a URL tells by itself: its scheme, a host that is known, its ending, or who logs in."""
    if url.scheme == "file":
        return kept_in(url.path)
    if not url.host:
        return ""
    if url.scheme in _BY_SCHEME:
        return _BY_SCHEME[url.scheme]
    if url.host in _BY_HOST:
        kind, pattern = _BY_HOST[url.host]
        return kind if re.fullmatch(pattern, url.path) else ""
    ending = _ENDING.search(url.host + url.path)
    if ending:
        return ending[1]
    user = (url.user or "").partition(":")[0]
    return _BY_USER.get(user, "") if scp or url.user else ""


def _from_page(url: Url, page: Callable[[str], bytes | None]) -> Origin | None:
    """Return what the page of an import path of Go names (``go-import``)."""
    if url.scheme not in ("http", "https"):
        return None
    url.query = f"{url.query}+go-get=1" if url.query else "go-get=1"
    content = page(str(url))
    return _import_of(content, url.host + url.path) if content is not None else None


def _import_of(content: bytes, path: str) -> Origin | None:
    """Return the repository that the head of a page names for a path (``parseImportFromBody``)."""
    from html.parser import HTMLParser

    found: list[tuple[str, str]] = []

    class Head(HTMLParser):
        ended = False

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.ended = self.ended or tag == "body"
            values = dict(reversed(attrs))
            words = (values.get("content") or "").split()
            if self.ended or found or tag != "meta" or values.get("name") != "go-import" or len(words) != 3:
                return
            if path.startswith(words[0]):
                found.append((words[1], words[2]))

        def handle_endtag(self, tag: str) -> None:
            self.ended = self.ended or tag == "head"

    Head().feed(content.decode("utf-8", "replace"))
    if found and found[0][0] in _SCHEMES:
        return Origin(kind=found[0][0], url=found[0][1])
    return None


def _checked(origin: Origin, *, remote: bool = False) -> Origin:
    """Refuse what a program could take for an option, another program, or, named by a server, a file here.

    Raises:
        PluginInvalid: It is such a thing.
    """
    if origin.kind == GIT and _SCP.fullmatch(origin.url):
        url = Url(scheme="ssh", user=origin.url.partition("@")[0], host=origin.url.partition("@")[2])
    else:
        url = source_url(origin.url)
    dashed = any(part.startswith("-") for part in (url.host, url.user or "", url.path, origin.url))
    local = url.scheme == "file"
    if url.scheme not in _SCHEMES[origin.kind] or dashed or "::" in origin.url or (remote and local):
        raise PluginInvalid(UNDETECTED)
    return origin

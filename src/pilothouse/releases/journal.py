"""What is noted beside the record of a release while an operation is under way: whose it is, and how far it has come.

The note is an annotation of the record's object; every Helm passes over it, and it goes with the last write of the
operation. Who finds it on the newest revision knows that the operation has not ended, and what it may have left.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib

from pilothouse.records import Record, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from pilothouse.golang.kinds import YamlValue

ANNOTATION = "pilothouse.dev/journal"
_FORM = 1
_SIZE_LIMIT = 8 << 20


class Owner(Record):
    """A process that carries out an operation.

    Attributes:
        token: What tells this operation from every other one.
        host: Name of its machine.
        place: What tells the machine's process ids from those of others, empty where nothing can.
        pid: Its process id.
        started: When the process started, as the machine counts; tells it from a later one with the same id.
    """

    token: str
    host: str = ""
    place: str = ""
    pid: int = 0
    started: str = ""

    def described(self) -> str:
        """Return it in words."""
        return f"process {self.pid} on {self.host}" if self.host else f"process {self.pid}"


class Removal(Record):
    """An object that the operation deletes: no longer wanted, and perhaps still there."""

    api_version: str
    kind: str
    namespace: str
    name: str


class JournalStage(Record):
    """A stage of the plan: its id, and those of its operations in order."""

    id: str
    operations: tuple[str, ...] = ()


class JournalPlan(Record):
    """The plan in short: what is done in which order, and which objects go that no manifest may name any more."""

    stages: tuple[JournalStage, ...] = ()
    removals: tuple[Removal, ...] = ()

    def encode(self) -> str:
        """Return it as text; no value and no content of an object is in it."""
        document = {
            "stages": [[stage.id, stage.operations] for stage in self.stages],
            "removals": [[one.api_version, one.kind, one.namespace, one.name] for one in self.removals],
        }
        text = json.dumps(document, separators=(",", ":"))
        return base64.b64encode(zlib.compress(text.encode(), 6)).decode("ascii")


class Journal(Record):
    """An operation that has not ended.

    Attributes:
        owner: Who carries it out.
        verb: ``install``, ``upgrade``, ``rollback`` or ``uninstall``.
        plan: Its plan, encoded.
        stage: How many of the plan's stages are done.
        done: How many operations of the next stage are known to be done.
        renewed: When the owner was last heard of, in seconds since 1970.
        claimed: Whether the record is known to carry the journal; the first write takes it over from whomever it was.
        closed: Whether the operation has ended, so that the next write takes the journal away.
    """

    owner: Owner
    verb: str
    plan: str = ""
    stage: int = 0
    done: int = 0
    renewed: float = field(default_factory=float)
    claimed: bool = True
    closed: bool = False

    def close(self) -> Self:
        """Return it as it is when the operation has ended."""
        return self.replace(closed=True)

    def decoded_plan(self) -> JournalPlan:
        """Return the plan; empty when it cannot be read."""
        try:
            packed = base64.b64decode(self.plan, validate=True)
            document = json.loads(zlib.decompressobj().decompress(packed, _SIZE_LIMIT))
            return JournalPlan(
                stages=tuple(
                    JournalStage(id=str(one), operations=tuple(map(str, operations)))
                    for one, operations in document["stages"]
                ),
                removals=tuple(
                    Removal(api_version=str(version), kind=str(kind), namespace=str(namespace), name=str(name))
                    for version, kind, namespace, name in document["removals"]
                ),
            )
        except (binascii.Error, zlib.error, ValueError, KeyError, TypeError):
            return JournalPlan()

    def encode(self) -> str:
        """Return the text of the annotation."""
        owner = self.owner
        return json.dumps(
            {
                "form": _FORM,
                "verb": self.verb,
                "owner": {
                    "token": owner.token,
                    "host": owner.host,
                    "place": owner.place,
                    "pid": owner.pid,
                    "started": owner.started,
                },
                "renewed": self.renewed,
                "stage": self.stage,
                "done": self.done,
                "plan": self.plan,
            },
            separators=(",", ":"),
        )


def decode(text: YamlValue) -> Journal | None:
    """Return the journal in an annotation, none when there is none that can be understood."""
    if not isinstance(text, str) or not text:
        return None
    try:
        document = json.loads(text)
        if document["form"] != _FORM:
            return None
        owner = document["owner"]
        return Journal(
            owner=Owner(
                token=str(owner["token"]),
                host=str(owner["host"]),
                place=str(owner["place"]),
                pid=int(owner["pid"]),
                started=str(owner["started"]),
            ),
            verb=str(document["verb"]),
            plan=str(document["plan"]),
            stage=int(document["stage"]),
            done=int(document["done"]),
            renewed=float(document["renewed"]),
        )
    except (ValueError, KeyError, TypeError):
        return None


def kept(journal: Journal | None) -> Journal | None:
    """Return the journal as the record keeps it, none when there is none or when the operation has ended."""
    return None if journal is None or journal.closed else journal.replace(claimed=True)


def is_owned_by(stored: Journal | None, journal: Journal) -> bool:
    """Return whether a stored journal is that of the same operation."""
    return stored is not None and stored.owner.token == journal.owner.token

"""What can go wrong between a chart's name and its archive.

::

    NotFound
    ├── RepositoryUnknown    no repository is configured under a name
    ├── ChartUnknown         a repository has no such chart or version
    ├── RepositoriesMissing  there is no file of repositories
    ├── KeyMissing           a key ring has no such key, or none that can sign
    └── ProvenanceMissing    there is no provenance file
    Invalid
    ├── IndexInvalid         an index cannot be used
    ├── ReferenceInvalid     a text names no chart
    ├── KeyringInvalid       a file of keys cannot be used
    ├── ProvenanceInvalid    a provenance file says nothing of an archive, or something else
    └── SchemeUnsupported    nothing fetches URLs of that scheme
    Denied
    └── SignatureInvalid     none of the trusted keys signed it as it is
    Exists
    └── TargetExists         what would be written is there already
    TimedOut
    └── LockBusy             another process keeps a file locked
"""

from __future__ import annotations

from pilothouse.errors import Denied, Exists, Invalid, NotFound, TimedOut


class RepositoryUnknown(NotFound):
    """No repository is configured under a name."""

    reference = "repository-unknown"


class ChartUnknown(NotFound):
    """A repository has no such chart, or no such version of it."""

    reference = "chart-unknown"


class RepositoriesMissing(NotFound):
    """There is no file of repositories."""

    reference = "repositories-missing"


class IndexInvalid(Invalid):
    """The index of a repository cannot be used."""

    reference = "index-invalid"


class ReferenceInvalid(Invalid):
    """A text that should name a chart does not."""

    reference = "reference-invalid"


class SchemeUnsupported(Invalid):
    """Nothing fetches URLs of that scheme."""

    reference = "scheme-unsupported"


class TargetExists(Exists):
    """What would be written is there already."""

    reference = "target-exists"


class LockBusy(TimedOut):
    """Another process keeps a file locked."""

    reference = "lock-busy"


class KeyMissing(NotFound):
    """A key ring has no such key, or none that can sign."""

    reference = "key-missing"


class KeyringInvalid(Invalid):
    """A file of keys cannot be used."""

    reference = "keyring-invalid"


class ProvenanceMissing(NotFound):
    """There is no provenance file."""

    reference = "provenance-missing"


class ProvenanceInvalid(Invalid):
    """A provenance file says nothing of an archive, or something else than it is."""

    reference = "provenance-invalid"


class SignatureInvalid(Denied):
    """None of the trusted keys signed it as it is."""

    reference = "signature-invalid"

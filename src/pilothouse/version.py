"""The version of Pilothouse and the versions of Helm that it speaks, as constants so that no metadata is read."""

__version__ = "0.1.0"

#: Version of Helm whose grammar, output and storage direct mode follows.
HELM_VERSION = "v4.3.1"
#: Version followed with ``HELM_COMPAT=3``.
HELM3_VERSION = "v3.16.4"
#: Version followed in Tiller mode.
HELM2_VERSION = "v2.17.0"

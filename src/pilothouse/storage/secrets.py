"""Release records in Secrets, Helm's default."""

from __future__ import annotations

import base64
import binascii

from pilothouse.kube.resources import SECRETS
from pilothouse.releases.errors import RecordInvalid
from pilothouse.storage.keys import TYPE
from pilothouse.storage.objects import ObjectStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.kube.resources import KubeObject


class InSecrets:
    """Where a record stands in a Secret."""

    name = "Secret"
    _mapping = SECRETS

    def _body(self, packed: str) -> KubeObject:
        return {"data": {"release": base64.b64encode(packed.encode("ascii")).decode("ascii")}}

    def _packed(self, item: KubeObject) -> bytes:
        try:
            return base64.b64decode((item.get("data") or {}).get("release") or "", validate=True)
        except (binascii.Error, ValueError) as error:
            raise RecordInvalid("illegal base64 data in a Secret") from error


class SecretStore(InSecrets, ObjectStore):
    """Keeps releases in Secrets of type ``helm.sh/release.v1`` (``driver.Secrets``)."""

    def _body(self, packed: str) -> KubeObject:
        return {"type": TYPE, **super()._body(packed)}

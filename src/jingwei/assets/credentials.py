"""Secrets at rest: sealed with AES-256-GCM under the master key of the key file.

The key never enters the database and the secrets never leave this room but through
`queries.secrets_of`: not in exports, not in the audit chain, not in logs.
"""

import json
import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_VERSION = b"\x01"
_NONCE = 12


class SealBrokenError(Exception):
    """The text can't be opened: another key file, or somebody changed it."""


def seal(secrets: Mapping[str, str], name: str) -> bytes:
    """Seals secrets for one credential; `name` is bound in, so a sealed text can't be moved.

    The master key is `settings.JINGWEI_MASTER_KEY` (32 bytes).
    """
    nonce = os.urandom(_NONCE)
    plain = json.dumps(dict(secrets), ensure_ascii=False, sort_keys=True).encode()
    return _VERSION + nonce + _cipher().encrypt(nonce, plain, name.encode())


def unseal(ciphertext: bytes, name: str) -> dict[str, str]:
    """The secrets behind a sealed text. Raises SealBrokenError, which names the credential."""
    version, nonce = ciphertext[:1], ciphertext[1 : 1 + _NONCE]
    try:
        if version != _VERSION:
            raise InvalidTag
        plain = _cipher().decrypt(nonce, ciphertext[1 + _NONCE :], name.encode())
    except (InvalidTag, ValueError) as error:
        raise SealBrokenError(
            f"凭据“{name}”无法解密：密钥文件已更换或密文被改动，请重新登记该凭据"
        ) from error
    opened: dict[str, str] = json.loads(plain)
    return opened


def _cipher() -> AESGCM:
    key: bytes = settings.JINGWEI_MASTER_KEY
    return AESGCM(key)

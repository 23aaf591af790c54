"""Pseudonyms of pupils and sealed texts, both from subkeys of the workspace's key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kongchuo_risk.errors import WorkspaceError
from kongchuo_risk.workspace import Workspace

ID_CHARACTERS = 24
"""Length of a pseudonym: 96 bits as hexadecimal digits."""
_NONCE_BYTES = 12
_INVISIBLE = re.compile(r"[\s'`\u2018\u2019\u200b-\u200f\ufeff]+")


def normalised_key(text: str) -> str:
    """A 学籍号 or 身份证号 as it counts for identity: half-width, upper case, no spaces.

    >>> normalised_key(" ｇ1101 0120 ")
    'G11010120'
    """
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).upper()


def _subkey(key: bytes, purpose: str) -> bytes:
    hkdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose.encode())
    return hkdf.derive(key)


class Pseudonyms:
    """Keyed hashes of identifiers: whoever lacks the key can neither name nor guess a pupil.

    Parameters
    ----------
    key : bytes
        The workspace's key.

    Examples
    --------
    >>> pseudonyms = Pseudonyms(b"k" * 32)
    >>> pseudonyms.student_id("g1") == pseudonyms.student_id(" Ｇ１ ")
    True
    >>> len(pseudonyms.student_id("g1"))
    24
    """

    def __init__(self, key: bytes) -> None:
        self._id_key = _subkey(key, "kongchuo student_id")
        self._alias_key = _subkey(key, "kongchuo alias")

    def student_id(self, text: str) -> str:
        """Pseudonym of one 学籍号 or 身份证号."""
        return _digest(self._id_key, normalised_key(text))

    def student_ids(self, texts: Iterable[str]) -> list[str]:
        """Pseudonyms of many keys, in their order; equal texts are hashed once."""
        known: dict[str, str] = {}
        return [known.get(text) or known.setdefault(text, self.student_id(text)) for text in texts]

    def alias(self, *parts: str) -> str:
        """Keyed hash of another way to name a pupil, such as class and name."""
        return _digest(self._alias_key, "\x1f".join(normalised_key(part) for part in parts))


def _digest(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode(), "sha256").hex()[:ID_CHARACTERS]


class Sealer:
    """AES-256-GCM with a nonce made from the text itself.

    The nonce is an HMAC of the text (the SIV construction), so that the same text seals to the
    same bytes: a note imported twice is seen to be the same without being opened. What leaks is
    only that two notes are equal.

    Examples
    --------
    >>> sealer = Sealer(b"k" * 32)
    >>> sealer.open(sealer.seal("家访记录"))
    '家访记录'
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(_subkey(key, "kongchuo seal"))
        self._nonce_key = _subkey(key, "kongchuo nonce")

    def seal(self, text: str) -> str:
        """``text`` encrypted, as printable characters."""
        plain = text.encode()
        nonce = hmac.digest(self._nonce_key, plain, hashlib.sha256)[:_NONCE_BYTES]
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, plain, None)).decode()

    def open(self, sealed: str) -> str:
        """The text again; a damaged seal or another key is a :class:`WorkspaceError`."""
        try:
            raw = base64.b64decode(sealed, validate=True)
            return self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], None).decode()
        except (InvalidTag, ValueError) as error:
            raise WorkspaceError("加密内容无法打开：密钥不符或文件损坏，请从备份恢复。") from error


def unseal_text(workspace: Workspace, sealed: str) -> str:
    """Plain text of a cell of a ``confidential_text`` column."""
    return Sealer(workspace.key).open(sealed)

"""Sessions of IPMI 2.0 over LAN: RMCP+ with cipher suite 3 (IPMI 2.0, 13.20 to 13.32).

HMAC-SHA1 proves both sides, HMAC-SHA1-96 signs, AES-CBC-128 hides: what controllers of 2013 speak.
"""

import hmac
import secrets
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

SUITE_3 = bytes([0, 0, 0, 8, 1, 0, 0, 0, 1, 0, 0, 8, 1, 0, 0, 0, 2, 0, 0, 8, 1, 0, 0, 0])
UNKNOWN_NAME, WRONG_CODE = 0x0D, 0x0F  # RMCP+ status codes, table 13-15
_MOST = 16  # sessions at once; the oldest goes
_HEAD, _SIGNATURE, _BLOCK = 16, 12, 16


@dataclass(slots=True)
class Session:
    """One conversation. `keys` (sign, hide) are there once the caller has proven the password."""

    theirs: bytes  # the session id the caller wants to see
    ours: bytes
    nonce: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    their_nonce: bytes = b""
    role: int = 0
    user: bytes = b""
    keys: tuple[bytes, bytes] = (b"", b"")
    sequence: int = 0


class Sessions:
    """Opens sessions for one user, and packs and unpacks what is said in them."""

    def __init__(self, user: str, password: str) -> None:
        self._user = user.encode()
        self._password = password.encode()
        self._guid = secrets.token_bytes(16)
        self._sessions: dict[bytes, Session] = {}

    def open(self, request: bytes) -> bytes:
        """RMCP+ Open Session (13.17, 13.18)."""
        tag, theirs = request[0], request[4:8]
        if request[8:32] != SUITE_3:
            return bytes([tag, 0x11, 0, 0]) + theirs  # no cipher suite match
        while len(self._sessions) >= _MOST:
            del self._sessions[next(iter(self._sessions))]
        session = Session(theirs, secrets.token_bytes(4))
        self._sessions[session.ours] = session
        return bytes([tag, 0, 4, 0]) + theirs + session.ours + SUITE_3

    def first(self, request: bytes) -> bytes | None:
        """RAKP message 1, answered by message 2: we prove that we know the password."""
        tag, session = request[0], self._sessions.get(request[4:8])
        if session is None:
            return None
        session.their_nonce, session.role = request[8:24], request[24]
        session.user = request[28 : 28 + request[27]]
        if session.user != self._user:
            return bytes([tag, UNKNOWN_NAME, 0, 0]) + session.theirs
        said = session.theirs + session.ours + session.their_nonce + session.nonce + self._guid
        code = _sign(self._password, said + self._named(session))
        return bytes([tag, 0, 0, 0]) + session.theirs + session.nonce + self._guid + code

    def second(self, request: bytes) -> bytes | None:
        """RAKP message 3, answered by message 4: the caller proves it too."""
        tag, session = request[0], self._sessions.get(request[4:8])
        if session is None or request[1] != 0:
            return None
        named = self._named(session)
        expected = _sign(self._password, session.nonce + session.theirs + named)
        if not hmac.compare_digest(expected, request[8:28]):
            return bytes([tag, WRONG_CODE, 0, 0]) + session.theirs
        root = _sign(self._password, session.their_nonce + session.nonce + named)
        session.keys = (_sign(root, b"\x01" * 20), _sign(root, b"\x02" * 20)[:16])
        said = session.their_nonce + session.ours + self._guid
        return bytes([tag, 0, 0, 0]) + session.theirs + _sign(root, said)[:_SIGNATURE]

    def heard(self, packet: bytes) -> tuple[Session, bytes] | None:
        """The session and the message of an encrypted packet; None when it is not genuine."""
        session = self._sessions.get(packet[6:10])
        if session is None or not session.keys[0] or packet[5] != 0xC0:
            return None
        signed, signature = packet[4:-_SIGNATURE], packet[-_SIGNATURE:]
        if not hmac.compare_digest(_sign(session.keys[0], signed)[:_SIGNATURE], signature):
            return None
        hidden = packet[_HEAD : _HEAD + int.from_bytes(packet[14:16], "little")]
        if len(hidden) < 2 * _BLOCK or len(hidden) % _BLOCK:
            return None
        cipher = Cipher(algorithms.AES(session.keys[1]), modes.CBC(hidden[:_BLOCK])).decryptor()
        plain = cipher.update(hidden[_BLOCK:]) + cipher.finalize()
        return session, plain[: -1 - plain[-1]]

    def said(self, session: Session, message: bytes) -> bytes:
        """A message to the caller, hidden and signed (13.28, 13.29)."""
        session.sequence += 1
        pad = -(len(message) + 1) % _BLOCK
        plain = message + bytes(range(1, pad + 1)) + bytes([pad])
        vector = secrets.token_bytes(_BLOCK)
        cipher = Cipher(algorithms.AES(session.keys[1]), modes.CBC(vector)).encryptor()
        hidden = vector + cipher.update(plain) + cipher.finalize()
        head = b"\x06\xc0" + session.theirs + session.sequence.to_bytes(4, "little")
        body = head + len(hidden).to_bytes(2, "little") + hidden
        filled = -(len(body) + 2) % 4
        body += b"\xff" * filled + bytes([filled, 7])
        return b"\x06\x00\xff\x07" + body + _sign(session.keys[0], body)[:_SIGNATURE]

    def close(self, session: Session) -> None:
        """Forget it."""
        self._sessions.pop(session.ours, None)

    @staticmethod
    def _named(session: Session) -> bytes:
        return bytes([session.role, len(session.user)]) + session.user


def _sign(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha1")

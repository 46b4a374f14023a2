"""The line to a WinRM host: an answer is cut off at its limit and its hour.

The library reads whatever it is sent, for as long as it is sent: a host that trickles would keep
a thread for ever, and one that floods would take our memory. Imported by who asks, for it needs
requests.
"""

import re
import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from jingwei.probes.errors import ProbeError
from jingwei.terms import Reason

_CHUNK = 65_536
_SHORT = 4_096  # bytes of a refusal


class Line(HTTPAdapter):
    """Reads answers of at most `most` bytes until `until` (monotonic seconds).

    `offered` is what the host's first refusal said it accepts. Raises ProbeError.
    """

    def __init__(self, until: float, most: int) -> None:
        super().__init__()
        self.offered = ""
        self._until = until
        self._most = most

    def send(self, request: requests.PreparedRequest, *args: Any, **rest: Any) -> requests.Response:
        """The response, read whole within the limits."""
        response = super().send(request, *args, **rest)
        offered = response.headers.get("WWW-Authenticate", "")
        if response.status_code == 401:
            self.offered = self.offered or offered
            if ntlm_among(offered):
                # The library wants the socket under this one unread (channel binding).
                length = response.headers.get("Content-Length", "")
                if not (length.isascii() and length.isdigit() and int(length) <= _SHORT):
                    response.close()
                    raise ProbeError("对方不是 WinRM：登录的应答没有长度，或过长")
                return response
        response._content = self._read(response)  # where requests keeps what was read
        return response

    def refusal(self) -> str:
        """Why a login failed, by what the host had offered."""
        if self.offered and not ntlm_among(self.offered):
            return f"主机不提供 NTLM，只允许：{' '.join(self.offered.split())[:80]}"
        return "主机拒绝登录：账号或口令不对，或策略禁止 NTLM"

    def _read(self, response: requests.Response) -> bytes:
        body = bytearray()
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            late = time.monotonic() > self._until
            if late or len(body) > self._most:
                response.close()
                if late:
                    raise ProbeError("应答没有在时限内读完", Reason.TIMEOUT)
                raise ProbeError(f"应答超过 {self._most} 字节")
        return bytes(body)


def ntlm_among(offered: str) -> bool:
    """Whether a WWW-Authenticate offers what we speak. Pure."""
    return re.search(r"\b(NTLM|Negotiate)\b", offered, re.IGNORECASE) is not None

"""One attempt on one channel: whatever happens becomes an answer in time, secrets hidden."""

import asyncio
import logging
import smtplib
import ssl
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

import httpx

from jingwei.desk import media
from jingwei.desk.models import Medium
from jingwei.run.notices import dingtalk, feishu, mail, sms, webhook, wecom
from jingwei.run.notices.http import RefusedError
from jingwei.run.notices.parcel import Answer, Parcel

logger = logging.getLogger("jingwei.notices")
TIMEOUT = 10.0  # seconds for one attempt
# One request a number, one letter to many: these may take longer, but not without end.
LONGER = {Medium.SMS: 60.0, Medium.MAIL: 30.0}
Send = Callable[[Mapping[str, str], Parcel, datetime], Awaitable[Answer]]
_MEDIA: dict[Medium, Send] = {
    Medium.MAIL: mail.send,
    Medium.WECOM: wecom.send,
    Medium.DINGTALK: dingtalk.send,
    Medium.FEISHU: feishu.send,
    Medium.WEBHOOK: webhook.send,
    Medium.SMS: sms.send,
}


async def send(medium: Medium, address: Mapping[str, str], parcel: Parcel, now: datetime) -> Answer:
    """Try once. Raises nothing but cancellation; no secret of the address is in the answer."""
    most = LONGER.get(medium, TIMEOUT)
    try:
        async with asyncio.timeout(most):
            answer = await _MEDIA[medium](address, parcel, now)
    except TimeoutError:
        answer = Answer(False, f"{most:.0f} 秒内没有应答")
    except Exception as error:  # noqa: BLE001 - an attempt that failed is an answer, whatever it was
        answer = Answer(False, _said(error))
        if not isinstance(error, httpx.HTTPError | smtplib.SMTPException | OSError | RefusedError):
            logger.error("sending by %s failed: %s", medium, type(error).__name__)
    secrets = media.secrets_of(medium, address)
    return Answer(answer.ok, media.mask(answer.detail, secrets), answer.wait, answer.reached)


def _said(error: Exception) -> str:
    """An error in words; never a request's address, which often holds the key."""
    if isinstance(error, RefusedError):
        return str(error)
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        return f"邮件服务器拒绝：{error.smtp_code} {text}"
    if "CERTIFICATE_VERIFY" in str(error):
        return "证书不受信任：请安装内部 CA 证书并设置 SSL_CERT_FILE"
    if "timed out" in str(error):  # smtplib wraps it in another error
        return "连接超时，没有应答"
    for kinds, words in _WORDS:
        if isinstance(error, kinds):
            return words
    return f"内部错误（{type(error).__name__}）"


_WORDS: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((httpx.TimeoutException, TimeoutError), "连接超时，没有应答"),
    ((smtplib.SMTPRecipientsRefused,), "邮件服务器拒绝全部收件人"),
    ((smtplib.SMTPNotSupportedError,), "邮件服务器不支持所选的加密或登录方式"),
    ((ssl.SSLError,), "加密连接失败，请核对端口与加密方式"),
    ((httpx.ConnectError, ConnectionRefusedError), "连接不上，请核对地址、端口和网络"),
    ((httpx.HTTPError, smtplib.SMTPException, OSError), "连接中断，没有得到完整应答"),
)

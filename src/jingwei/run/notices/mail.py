"""Mail by SMTP, with the same Message-ID however often it is sent, so that a copy is known."""

import asyncio
import smtplib
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from jingwei.desk import media
from jingwei.run.notices.parcel import Answer, Parcel, digest
from jingwei.terms import SHANGHAI

TIMEOUT = 10  # seconds, for each answer of the server
# Own threads: smtplib blocks, and a mail server that hangs must not hold the others' threads.
_THREADS = ThreadPoolExecutor(8, thread_name_prefix="jingwei-mail")


async def send(address: Mapping[str, str], parcel: Parcel, now: datetime) -> Answer:
    """Send it to everybody who has not got it yet. Raises smtplib.SMTPException and OSError."""
    return await asyncio.get_running_loop().run_in_executor(
        _THREADS, deliver, dict(address), parcel
    )


def deliver(address: Mapping[str, str], parcel: Parcel) -> Answer:
    """The blocking part."""
    people = media.split(address["recipients"])
    left = [each for each in people if digest(each) not in parcel.reached]
    with _connected(address) as server:
        if address.get("username"):
            server.login(address["username"], address.get("password", ""))
        refused = server.send_message(letter(address, parcel), to_addrs=left)
    reached = tuple(digest(each) for each in left if each not in refused)
    if not refused:
        return Answer(True, f"邮件服务器已接收，收件人 {len(left)} 个", reached=reached)
    code, said = next(iter(refused.values()))
    detail = f"{len(refused)} 个收件人被拒：{code} {said.decode(errors='replace')}"
    return Answer(False, detail, reached=reached)


def letter(address: Mapping[str, str], parcel: Parcel) -> EmailMessage:
    """The letter; its text holds the link, its Message-ID the identity."""
    made = EmailMessage()
    made["Message-ID"] = f"<{parcel.identity}@{address['sender'].partition('@')[2]}>"
    made["From"] = address["sender"]
    made["To"] = ", ".join(media.split(address["recipients"]))
    made["Subject"] = f"【{parcel.topic_label}】{parcel.title}"
    made["Date"] = format_datetime(parcel.at.astimezone(SHANGHAI))
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday notice answers it
    made.set_content(parcel.text(50_000))
    return made


def _connected(address: Mapping[str, str]) -> smtplib.SMTP:
    host, port = address["host"].strip("[]"), int(address["port"])
    if address["security"] == "tls":
        trusted = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, port, local_hostname="jingwei", timeout=TIMEOUT,
                                context=trusted)  # fmt: skip
    server = smtplib.SMTP(host, port, local_hostname="jingwei", timeout=TIMEOUT)
    if address["security"] == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
    return server

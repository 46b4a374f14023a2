"""A cache: Redis as a master with one replica (RESP 2; AUTH, PING, INFO, TYPE, LLEN)."""

import asyncio
import hmac

from jingwei.region.fault_names import FaultName
from jingwei.region.thing import Thing

_LIMIT = 2_147_483_648
_MOST_WORDS, _LONGEST_WORD = 16, 4096


class Cache:
    """The Redis of one thing."""

    def __init__(self, thing: Thing, password: str) -> None:
        self._thing = thing
        self._password = password

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer commands until the client goes."""
        known = False
        while True:
            words = await _command(reader)
            if words[0].upper() == "AUTH":
                known = hmac.compare_digest(words[-1].encode(), self._password.encode())
                wrong = "-WRONGPASS invalid username-password pair or user is disabled."
                said = "+OK" if known else wrong
            elif not known:
                said = "-NOAUTH Authentication required."
            else:
                said = self.answer(words)
            writer.write(f"{said}\r\n".encode())
            await writer.drain()

    def answer(self, words: list[str]) -> str:
        """The answer to a command of somebody who is logged in."""
        name = words[0].upper()
        if name == "PING":
            return "+PONG"
        if name == "INFO":
            text = self.info()
            return f"${len(text.encode())}\r\n{text}"
        if name == "SELECT":
            return "+OK"
        if name == "TYPE":
            return "+list" if words[1:] == ["jobs"] else "+none"
        if name == "LLEN":
            return f":{round(self._thing.wave('jobs', 0, 20))}"
        return f"-ERR unknown command '{words[0][:60]}'"

    def info(self) -> str:
        """What INFO says; a broken replica stays in its first copy and falls behind."""
        thing = self._thing
        broken = thing.has(FaultName.REDIS_REPLICA_BROKEN)
        state = "wait_bgsave" if broken else "online"
        lag = 900 + round(thing.seconds_of(FaultName.REDIS_REPLICA_BROKEN)) if broken else 0
        rows = {
            "redis_version": "7.0.15",
            "uptime_in_seconds": round(thing.uptime()),
            "connected_clients": round(thing.wave("clients", 20, 60)),
            "maxclients": 10_000,
            "used_memory": round(thing.wave("memory", 0.3, 0.5) * _LIMIT),
            "maxmemory": _LIMIT,
            "rdb_last_bgsave_status": "ok",
            "aof_enabled": 0,
            "rejected_connections": 0,
            "evicted_keys": 0,
            "role": "master",
            "connected_slaves": 1,
            "slave0": f"ip=127.0.0.2,port=6379,state={state},offset=1,lag={lag}",
            "db0": f"keys={round(thing.wave('keys', 8_000, 9_000))},expires=0,avg_ttl=0",
        }
        return "".join(f"{key}:{value}\r\n" for key, value in rows.items())


async def _command(reader: asyncio.StreamReader) -> list[str]:
    """The words of one command. Raises ValueError for what is no RESP."""
    count = int((await reader.readline())[1:] or b"x")
    if not 1 <= count <= _MOST_WORDS:
        raise ValueError("too many words")
    words = []
    for _ in range(count):
        length = int((await reader.readline())[1:])
        if not 0 <= length <= _LONGEST_WORD:
            raise ValueError("word too long")
        words.append((await reader.readexactly(length + 2))[:-2].decode("utf-8", "replace"))
    return words

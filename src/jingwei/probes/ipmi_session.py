"""One IPMI session in a process of its own: a question on standard input, facts on standard output.

pyghmi keeps its sessions, a socket and a thread for the whole process, and loses answers when
several threads ask at once. So each question has its own process, which can also be ended when a
controller hangs. Run by its path: it imports nothing of ours, and starts in a tenth of a second.
"""

import json
import logging
import sys
from typing import Any

_MOST_SENSORS = 500


def main() -> None:
    """Answer one question. What the library raises is told in the answer."""
    from pyghmi.exceptions import PyghmiException  # noqa: PLC0415 - only ever in this process
    from pyghmi.ipmi.command import Command  # noqa: PLC0415

    logging.disable(logging.CRITICAL)
    asked = json.loads(sys.stdin.read())
    answer: dict[str, Any] = {}
    try:
        login = {"userid": asked["user"], "password": asked["password"]}
        controller = Command(bmc=asked["ip"], port=asked["port"], **login)
        answer["session"] = True
        answer |= facts(controller, asked["sensors"], asked["commands"])
        controller.ipmi_session.logout()
    except (PyghmiException, IndexError, KeyError, NotImplementedError) as error:
        answer["error"] = str(error) or type(error).__name__
    sys.stdout.write(json.dumps(answer))


def facts(controller: Any, sensors: bool, commands: list[list[int]]) -> dict[str, Any]:
    """Every sensor, and for each command (netfn, number) its completion code, words and data."""
    found: dict[str, Any] = {"commands": [_command(controller, *command) for command in commands]}
    if sensors:
        rows: list[list[Any]] = []
        found["sensors"] = rows
        for sensor in controller.get_sensor_data():
            if len(rows) == _MOST_SENSORS:
                found["error"] = f"more than {_MOST_SENSORS} sensors"
                break
            name = str(sensor.name).strip("\0 ")
            there = not sensor.unavailable
            rows.append([sensor.type, name, there, int(sensor.health), sensor.value, sensor.units])
    return found


def _command(controller: Any, netfn: int, number: int) -> list[Any]:
    answer = controller.raw_command(netfn=netfn, command=number)
    return [answer.get("code", 0), answer.get("error", ""), list(answer.get("data", b""))]


if __name__ == "__main__":
    main()

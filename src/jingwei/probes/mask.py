"""No secret leaves a probe: not in an error, not in a reading, not in a log line."""

import base64
import dataclasses
import functools
import json
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, cast
from urllib.parse import quote

from jingwei.probes.options import fields_of
from jingwei.terms import Reading

HIDDEN = "***"
# Names and algorithms: hidden in errors (who logs in is nobody's business), but not in readings,
# where hiding every "admin" or "SHA" would change what the target said.
_NAMES = {"user", "username", "auth_protocol", "priv_protocol"}


class Mask:
    """Hides the secrets of one target and the secret options of one question."""

    _all: tuple[str, ...]
    _keys: tuple[str, ...]

    def __init__(self, secrets: Mapping[str, str], options: Any = None) -> None:
        values = dict(secrets)
        if dataclasses.is_dataclass(options) and not isinstance(options, type):
            for name in _secret_options(cast("Hashable", type(options))):
                values[name] = str(getattr(options, name))
        if not values:
            self._all = self._keys = ()
            return
        self._all = _forms(values.values())
        self._keys = _forms(
            value for name, value in values.items() if name not in _NAMES and len(value) > 3
        )
        user, password = values.get("user") or values.get("username"), values.get("password")
        if user and password:
            basic = base64.b64encode(f"{user}:{password}".encode()).decode()
            self._all = (basic, *self._all)
            self._keys = (basic, *self._keys)

    def text(self, text: str) -> str:
        """`text` with every secret hidden."""
        for form in self._all:
            text = text.replace(form, HIDDEN)
        return text

    def readings(self, readings: Iterable[Reading]) -> tuple[Reading, ...]:
        """`readings` with keys and passwords hidden in words and instances."""
        if not self._keys:
            return tuple(readings)
        return tuple(self._reading(reading) for reading in readings)

    def _reading(self, reading: Reading) -> Reading:
        value, instance = reading.value, reading.instance
        for form in self._keys:
            instance = instance.replace(form, HIDDEN)
            if isinstance(value, str):
                value = value.replace(form, HIDDEN)
        if value == reading.value and instance == reading.instance:
            return reading
        return dataclasses.replace(reading, value=value, instance=instance)


@functools.cache
def _secret_options(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields_of(kind) if field.secret)


def _forms(values: Iterable[str]) -> tuple[str, ...]:
    """Each value as written, in a URL, in JSON and in a Python repr; the longest first."""
    forms: set[str] = set()
    for value in values:
        if value:
            forms |= {value, quote(value, safe=""), json.dumps(value)[1:-1], repr(value)[1:-1]}
    return tuple(sorted(forms, key=len, reverse=True))

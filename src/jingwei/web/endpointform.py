"""The form of an endpoint, made from the options its probes declare.

A new probe option appears here by itself: label, help, range and default come from the dataclass.
"""

import json
from typing import Any

from django import forms

from jingwei import probes
from jingwei.assets import words
from jingwei.assets.actions import MovedOnError, marks
from jingwei.assets.models import Credential, Endpoint
from jingwei.assets.options import probes_of
from jingwei.assets.queries.exports import Record, endpoint_record
from jingwei.assets.tables import kinds
from jingwei.web.forms import Styled, dress, remember, remembered
from jingwei.web.pages.maintenance import TargetField

PREFIX = "option_"
SECRET = "secret_"  # noqa: S105 - a prefix of field names
_SEEN_COLUMNS = ("address", "port", "settings", "credential", "collector")
_SCALAR = ("int", "float", "bool", "text", "choice")
_OF_THE_CHECK = ("port", "query", "message", "body", "method")  # a check's business, or a field
_SECRET_LABELS = {
    "user": "用户名",
    "password": "密码",
    "community": "团体字（v2c）",
    "auth_key": "认证密码（v3）",
    "auth_protocol": "认证算法（v3）",
    "priv_key": "加密密码（v3）",
    "priv_protocol": "加密算法（v3）",
}


def options_of(protocol: str) -> dict[str, probes.Field]:
    """The single-valued options an endpoint of this protocol may carry, by name."""
    found: dict[str, probes.Field] = {}
    for probe in probes_of(protocol):
        for field in probes.describe(probe):
            if field.type in _SCALAR and not field.secret and field.name not in _OF_THE_CHECK:
                found.setdefault(field.name, field)
    return found


def secrets_of(protocol: str) -> list[str]:
    """What a credential for this protocol may hold."""
    names = [name for probe in probes_of(protocol) for name in probe.secrets]
    return list(dict.fromkeys(names))


class EndpointForm(Styled, forms.Form):
    """Where one protocol of one target answers, and with which options and credential."""

    target = TargetField(
        label="对象", max_length=200,
        widget=forms.TextInput(attrs={"list": "targets", "placeholder": "如 HW-016-1，可输入查找"}),
    )  # fmt: skip
    address = forms.CharField(label="地址", max_length=255, help_text="IP 或主机名，不含 http://")
    port = forms.IntegerField(label="端口", min_value=0, max_value=65535)
    collector = forms.CharField(
        label="采集区", required=False, max_length=32, help_text="网闸另一侧的采集器名；本机留空。"
    )
    credential = forms.ChoiceField(label="凭据", required=False)

    def __init__(self, protocol: str, *args: Any, endpoint: Endpoint | None = None, **kwargs: Any):
        self.protocol = protocol
        super().__init__(*args, **kwargs)
        self._now: dict[str, str] = {}
        self._record: Record = {}
        if endpoint is not None:
            self.fields["target"].disabled = True
            self._record = endpoint_record(endpoint)
            self._now = marks(kinds.ENDPOINTS, _SEEN_COLUMNS, self._record)
            self.fields["seen"] = remember(self._now)
        self._ports()
        self._credentials()
        for name, option in options_of(protocol).items():
            self.fields[PREFIX + name] = _field(option)
        for name in secrets_of(protocol):
            self.fields[SECRET + name] = forms.CharField(
                label=_SECRET_LABELS.get(name, name), required=False, max_length=4096,
                widget=forms.PasswordInput(attrs={"autocomplete": "off"}), strip=False,
            )  # fmt: skip
        for name, field in self.fields.items():
            if name.startswith((PREFIX, SECRET)):
                dress(field.widget)

    def _ports(self) -> None:
        if self.protocol in words.NO_PORT:
            self.fields.pop("port")
            return
        defaults = [probe.default_port for probe in probes_of(self.protocol)]
        default = next((port for port in defaults if port), None)
        if default and not self.initial.get("port"):
            self.initial["port"] = default

    def _credentials(self) -> None:
        if not secrets_of(self.protocol):
            self.fields.pop("credential")
            return
        names = Credential.objects.filter(demo=False).values_list("name", flat=True)
        field = self.fields["credential"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = [("", "无，或在下面新登记"), *((name, name) for name in names)]

    def settings(self) -> dict[str, str | int | float | bool]:
        """The options that differ from the probe's defaults: only those are stored."""
        chosen = {}
        for name, option in options_of(self.protocol).items():
            value = self.cleaned_data.get(PREFIX + name)
            if value in (None, "") or value == option.default:
                continue
            chosen[name] = value
        return chosen

    @property
    def seen(self) -> dict[str, str]:
        """The marks of what this form showed when it was opened."""
        return remembered(self.cleaned_data.get("seen", ""))

    def moved_on(self, error: MovedOnError) -> None:
        """Somebody was first: said, what was typed stays, and may be saved knowingly."""
        self.add_error(None, error.message)
        for column in error.columns:
            held = column.cells.show(self._record.get(column.name)) or "空"
            name = column.name if column.name in self.fields else None
            self.add_error(name, f"{column.header}现值：{held[:200]}")
        sent = {name: self.data[name] for name in self.data}
        self.data = sent | {"seen": json.dumps(self._now)}

    def secrets(self) -> dict[str, str]:
        """What was typed of a new credential."""
        typed = {
            name: self.cleaned_data.get(SECRET + name, "") for name in secrets_of(self.protocol)
        }
        return {name: value for name, value in typed.items() if value}

    def clean(self) -> dict[str, Any]:
        """The probes accept these options together."""
        data = super().clean() or {}
        for probe in probes_of(self.protocol):
            known = {field.name for field in probes.describe(probe)}
            given = {name: value for name, value in self.settings().items() if name in known}
            try:
                probes.check_options(probe, given)
            except probes.OptionError as error:
                if PREFIX + error.field in self.fields:
                    self.add_error(PREFIX + error.field, error.message)
        if data.get("credential") and self.secrets():
            self.add_error("credential", "选用已有凭据，就不要再填新的；要换口令请只填新的")
        return data

    @property
    def option_fields(self) -> list[forms.BoundField]:
        """The generated options, for the template."""
        return [self[name] for name in self.fields if name.startswith(PREFIX)]

    @property
    def secret_fields(self) -> list[forms.BoundField]:
        """The inputs of a new credential, for the template."""
        return [self[name] for name in self.fields if name.startswith(SECRET)]


def _field(option: probes.Field) -> forms.Field:
    """A form field for one option. Empty means the default, which the help names."""
    default = option.default
    told = "" if default in ("", None) or isinstance(default, bool) else f"默认 {default}"
    shared: dict[str, Any] = {
        "label": option.label,
        "required": False,
        "help_text": "；".join(part for part in (option.help, told) if part),
    }
    low, high = option.minimum, option.maximum
    if option.type == "int":
        return forms.IntegerField(
            min_value=None if low is None else int(low),
            max_value=None if high is None else int(high),
            **shared,
        )
    if option.type == "float":
        return forms.FloatField(min_value=low, max_value=high, **shared)
    if option.type == "bool":
        return forms.BooleanField(initial=default, **shared)
    if option.type == "choice":
        choices = [("", f"默认（{default}）"), *((one, one or "（空）") for one in option.choices)]
        return forms.ChoiceField(choices=choices, **shared)
    return forms.CharField(max_length=500, **shared)

"""Which commands may be sent over SSH: reading ones, listed here. Nothing else is, ever.

Content chooses among them; neither an endpoint's settings nor a form can widen the list. What a
district needs beyond it stands in a file, one regular expression a line, that the environment
names in JINGWEI_SSH_COMMANDS: who may write there may log in to this machine anyway.
"""

import functools
import os
import re
from pathlib import Path

SETTING = "JINGWEI_SSH_COMMANDS"
_WORD = r"[\w./:@%+=,-]+"
_LONGEST = 500

# Each must match the whole command. `_WORD` holds no quote, space, or sign a shell acts on.
ALLOWED: tuple[str, ...] = (
    # Unix: what the kernel and the usual tools say.
    rf"(df|free|uptime|uname|who|vmstat|iostat|mpstat|lsblk|nproc)( {_WORD})*",
    r"date( -u)?( \+[\w%:+-]+)?|hostname( -[fis])?",
    r"cat /proc/(meminfo|loadavg|mdstat|uptime|stat|cpuinfo|mounts|swaps|net/(dev|bonding/\w+))",
    r"cat /etc/(os-release|redhat-release)",
    # Of files only, and never their contents: what a device file would give has no end.
    r"sha256sum( (?!/(dev|proc|sys)/|\S*/\./)(/[\w.-]+){2,})+",
    rf"ps( {_WORD})*|ss( {_WORD})*|netstat( {_WORD})*|findmnt( {_WORD})*",
    r"chronyc( -[nc])*( (tracking|sources|sourcestats))|ntpq -pn?|timedatectl( status)?",
    rf"systemctl (is-active|is-failed|status --no-pager|list-units --failed --no-pager)( {_WORD})*",
    r"multipath -ll|pvs|vgs|lvs|mdadm --detail /dev/md\w+|zpool (status|list)",
    # Servers and storage.
    rf"ipmitool (sdr|sel|chassis|sensor) (list|elist|status)( {_WORD})?",
    rf"(hpssacli|ssacli)( {_WORD})* show( {_WORD})*",
    rf"show( {_WORD})+|switchshow|porterrshow|psshow|fanshow|tempshow|sensorshow|zoneshow",
    # Network equipment (H3C, Huawei, Ruijie, Cisco-like).
    rf"display( {_WORD})+",
    rf"esxcli( {_WORD})+ (list|get)",
    # Clusters and databases.
    r"crsctl stat res -t|crsctl check (crs|cluster)|lsnrctl status|srvctl status database -d \w+",
    r"dmidecode -t \w+|sensors|smartctl -[HAia]+ /dev/\w+",
)
# A word that changes something in tools that otherwise only tell.
_CHANGING = re.compile(
    r"(^ss .*-\w*K|^ss .*--kill|\.\."
    r"|(^| )(set|reset|clear|delete|reboot|restart|stop|start)( |$))"
)


def refused(command: str) -> str:
    """Why a command may not be sent, in Chinese; "" when it may. Raises nothing."""
    if not command.strip():
        return "不能为空"
    if len(command) > _LONGEST:
        return f"不能超过 {_LONGEST} 个字符"
    if any(ord(char) < 32 for char in command):
        return "只能是一行，不能含控制字符"
    if any(pattern.fullmatch(command) for pattern in _listed()):
        return ""
    if _CHANGING.search(command) or not any(
        pattern.fullmatch(command) for pattern in _compiled(ALLOWED)
    ):
        return f"该命令不在允许清单中（只读命令；本地另加的写在 {SETTING} 指定的文件）"
    return ""


@functools.cache
def _compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.ASCII) for pattern in patterns)


def _listed() -> tuple[re.Pattern[str], ...]:
    """What this installation allows beside: lines that begin with # are remarks."""
    name = os.environ.get(SETTING, "")
    if not name:
        return ()
    try:
        lines = Path(name).read_text("utf-8").splitlines()
        return _compiled(tuple(row.strip() for row in lines if row.strip() and row[0] != "#"))
    except (OSError, UnicodeDecodeError, re.error):
        return ()

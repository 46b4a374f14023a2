"""Writing applications, the systems they belong to and the institutions they cover."""

from jingwei.assets.actions import targets
from jingwei.assets.actions.errors import RefusedError
from jingwei.assets.models import Application, Coverage, Institution, System
from jingwei.assets.pinyin import initials
from jingwei.assets.tables.cells import Value

_ELSEWHERE = {"system", "system_name", "institutions"}


def write(code: str, changes: dict[str, Value], existing: bool) -> None:
    """Creates or changes one application. Raises RefusedError."""
    application = Application.objects.get(code=code) if existing else Application(code=code)
    if "row_no" in changes and Application.objects.filter(row_no=str(changes["row_no"])).exists():
        raise RefusedError("清单行", f"清单行 {changes['row_no']} 已被别的应用占用")
    if "short" in changes and Application.objects.filter(short=changes["short"]).exists():
        raise RefusedError("简码", f"简码 {changes['short']} 已被别的应用占用")
    if "system" in changes or "system_name" in changes:
        number = changes.get("system", application.system.number if existing else None)
        application.system = _system(int(str(number)), str(changes.get("system_name") or ""))
    for name, value in changes.items():
        if name not in _ELSEWHERE:
            setattr(application, name, value)
    if not application.coverage:
        application.coverage = "unspecified"
    application.pinyin = initials(application.name)
    application.save()
    if "institutions" in changes:
        _cover(application, changes["institutions"])
    targets.follow(targets.of_application(application))


def _system(number: int, name: str) -> System:
    """The system of that number; a new number needs a name, a known one keeps its own."""
    system = System.objects.filter(number=number).first()
    if system is None:
        if not name:
            raise RefusedError(
                "系统序号", f"没有序号为 {number} 的系统；新系统须同时填写“系统名称”"
            )
        return System.objects.create(number=number, name=name)
    if name and name != system.name:
        raise RefusedError("系统名称", f"序号 {number} 的系统是“{system.name}”，现为“{name}”")
    return system


def _cover(application: Application, wanted: Value) -> None:
    codes = set(wanted if isinstance(wanted, list) else [])
    known = {one.code: one for one in Institution.objects.filter(code__in=codes)}
    missing = sorted(codes - set(known))
    if missing:
        raise RefusedError("覆盖机构代码", f"没有代码为 {'、'.join(missing)} 的机构")
    present = {
        one.institution.code: one
        for one in application.covered_institutions.select_related("institution")
    }
    for code, one in present.items():
        if code not in codes:
            one.delete()  # who covered what, and when it ended, stands in the audit chain
        elif one.valid_to is not None:
            one.valid_to = None
            one.save(update_fields=["valid_to"])
    Coverage.objects.bulk_create(
        Coverage(application=application, institution=known[code])
        for code in sorted(codes - set(present))
    )

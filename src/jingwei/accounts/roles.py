"""The roles of domain.md section 6 and what each may do: one table, read by pages and commands."""

from enum import StrEnum

from django.db import models


class Role(models.TextChoices):
    """Who somebody is. The three administrators exclude each other (GB/T 22239 8.1.5)."""

    CLIENT_ADMIN = "client_admin", "甲方管理员"
    CLIENT_APPROVER = "client_approver", "甲方审批人"
    MANAGER = "manager", "项目负责人"
    FIRST_LINE = "first_line", "一线驻场"
    SECOND_LINE = "second_line", "二线支持"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDIT_ADMIN = "audit_admin", "审计管理员"
    INSTITUTION = "institution", "机构联系人"
    VISITOR = "visitor", "访客（只读大屏）"


ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})


class May(StrEnum):
    """One thing a person may do; views and actions ask for exactly these."""

    SEE_BOARD = "see_board"
    SEE_WALL = "see_wall"
    RUN_CHECKS = "run_checks"
    ANSWER_ITEMS = "answer_items"
    HANDLE_FINDINGS = "handle_findings"
    SEE_ASSETS = "see_assets"
    EDIT_ASSETS = "edit_assets"
    EDIT_ENDPOINTS = "edit_endpoints"
    EDIT_CHECKS = "edit_checks"
    EDIT_MAINTENANCE = "edit_maintenance"
    BUILD_REPORTS = "build_reports"
    SUBMIT_REPORTS = "submit_reports"
    REVIEW_REPORTS = "review_reports"
    SIGN_REPORTS = "sign_reports"
    SEE_REPORTS = "see_reports"
    REPLACE_TEMPLATES = "replace_templates"
    MANAGE_USERS = "manage_users"
    SEE_AUDIT = "see_audit"
    MANAGE_REGION = "manage_region"
    HANDLE_TICKETS = "handle_tickets"
    APPROVE_TICKETS = "approve_tickets"
    SEE_DESK = "see_desk"
    REPORT_OWN = "report_own"
    MANAGE_ROSTER = "manage_roster"
    MANAGE_NOTICES = "manage_notices"
    DECLARE_EMERGENCY = "declare_emergency"
    PLAN_DRILLS = "plan_drills"


_SEE = {May.SEE_BOARD, May.SEE_WALL, May.SEE_ASSETS, May.SEE_REPORTS, May.SEE_DESK}
_WORK = _SEE | {
    May.RUN_CHECKS,
    May.ANSWER_ITEMS,
    May.HANDLE_FINDINGS,
    May.EDIT_ASSETS,
    May.EDIT_ENDPOINTS,
    May.EDIT_MAINTENANCE,
    May.BUILD_REPORTS,
    May.HANDLE_TICKETS,
    May.DECLARE_EMERGENCY,
}
_CLIENT = _SEE | {
    May.SIGN_REPORTS,
    May.APPROVE_TICKETS,
    May.DECLARE_EMERGENCY,
    May.REPLACE_TEMPLATES,
}

ALLOWED: dict[str, frozenset[May]] = {
    Role.CLIENT_ADMIN: frozenset(_CLIENT | {May.EDIT_ASSETS, May.EDIT_MAINTENANCE}),
    Role.CLIENT_APPROVER: frozenset(_CLIENT),
    Role.MANAGER: frozenset(
        _WORK
        | {
            May.EDIT_CHECKS,
            May.REVIEW_REPORTS,
            May.SUBMIT_REPORTS,
            May.REPLACE_TEMPLATES,
            May.MANAGE_ROSTER,
            May.MANAGE_NOTICES,
            May.PLAN_DRILLS,
        }
    ),
    Role.FIRST_LINE: frozenset(_WORK | {May.SUBMIT_REPORTS}),
    Role.SECOND_LINE: frozenset(_WORK | {May.EDIT_CHECKS, May.REVIEW_REPORTS}),
    Role.SYSTEM_ADMIN: frozenset(
        _WORK
        | {
            May.EDIT_CHECKS,
            May.REVIEW_REPORTS,
            May.SUBMIT_REPORTS,
            May.REPLACE_TEMPLATES,
            May.MANAGE_REGION,
            May.MANAGE_USERS,
            May.MANAGE_NOTICES,
            May.MANAGE_ROSTER,
            May.PLAN_DRILLS,
        }
    ),
    Role.SECURITY_ADMIN: frozenset(_SEE | {May.MANAGE_USERS}),
    Role.AUDIT_ADMIN: frozenset({May.SEE_BOARD, May.SEE_AUDIT}),
    Role.INSTITUTION: frozenset({May.SEE_WALL, May.REPORT_OWN}),
    Role.VISITOR: frozenset({May.SEE_WALL}),
}


def may(role: str, what: May) -> bool:
    """Whether a role may do this. An unknown role may do nothing."""
    return what in ALLOWED.get(role, frozenset())

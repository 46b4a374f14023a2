"""The pages: one file a noun, each with its own `urlpatterns`."""

from django.urls import URLPattern, URLResolver, include, path

from jingwei.web.pages import (
    about,
    answers,
    assets,
    audit,
    availability,
    board,
    checks,
    compliance,
    data_changes,
    drill_page,
    drills,
    duties,
    emergencies,
    emergency_acts,
    end_of_service,
    endpoints,
    findings,
    ical,
    inspections,
    intake,
    knowledge,
    leave,
    live,
    maintenance,
    metrics,
    mywork,
    notices,
    own_notices,
    papers,
    plans,
    report_life,
    reports,
    roster,
    session,
    ticket_forms,
    tickets,
    tickets_own,
    tracking,
    users,
    wall,
)

PAGES = (
    session, board, answers, wall, findings, checks, maintenance, assets, endpoints, reports,
    report_life,
    users, audit, about, intake, tickets, tickets_own, tracking,
    ticket_forms, data_changes, end_of_service,
    compliance, duties, inspections, papers, notices, own_notices, mywork, roster, leave, ical,
    knowledge,
    availability, metrics,
    emergencies, emergency_acts, plans, live, drills, drill_page,
)  # fmt: skip

urlpatterns: list[URLPattern | URLResolver] = [path("", include(page.__name__)) for page in PAGES]

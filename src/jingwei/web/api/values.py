"""The kinds of value a call may hold: nothing that a database or a calendar cannot take."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

from jingwei.terms import SHANGHAI
from jingwei.web.days import EARLIEST, LATEST

BIGGEST = 2**63 - 1  # a row's number


def _storable(text: str) -> str:
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ValueError("含有无法保存的字符，请删除后重填")
    return text


def _in_range(at: datetime) -> datetime:
    if not EARLIEST <= at.year < LATEST:
        raise ValueError(f"年份应在 {EARLIEST} 至 {LATEST - 1} 之间，收到 {at.year} 年")
    return at


def _local(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=SHANGHAI)


Plain = Annotated[str, AfterValidator(_storable)]
Word = Annotated[str, Field(max_length=200), AfterValidator(_storable)]
Text = Annotated[str, Field(max_length=5000), AfterValidator(_storable)]
# In a body the zone must be said; in an address "+08:00" is easily lost, so Beijing is meant.
Moment = Annotated[AwareDatetime, AfterValidator(_in_range)]
Asked = Annotated[datetime, AfterValidator(_in_range), AfterValidator(_local)]
RowId = Annotated[int, Field(ge=1, le=BIGGEST)]

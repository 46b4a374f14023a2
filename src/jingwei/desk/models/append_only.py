"""Rows that are written once: a correction is a new row with a reason."""

from collections.abc import Iterable
from typing import Any, NoReturn, TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model)
REFUSED = "记录只可追加，不可修改或删除；更正请另记一条并写明原因"


class AppendOnlyError(TypeError):
    """Something tried to change or delete what is only ever added to."""


class AppendOnlyQuerySet(models.QuerySet[M]):
    """Rows to read; many cannot be changed at once either."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Raises AppendOnlyError."""
        raise AppendOnlyError(REFUSED)

    def delete(self) -> NoReturn:
        """Raises AppendOnlyError."""
        raise AppendOnlyError(REFUSED)


class AppendOnly(models.Model):
    """A row that is written once."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(
        self,
        force_insert: Any = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Insert. Raises AppendOnlyError for a row that is there already."""
        if self.pk is not None or force_update or update_fields is not None:
            raise AppendOnlyError(REFUSED)
        super().save(force_insert=True, using=using)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raises AppendOnlyError."""
        raise AppendOnlyError(REFUSED)

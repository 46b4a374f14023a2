"""Seals: the hashes of rows of evidence, taken when nothing is going to change them any more."""

from django.db import models

from jingwei.desk.models.append_only import AppendOnly


class Seal(AppendOnly):
    """Up to some thousand rows of one kind of evidence, each with its hash (`contract.evidence`).

    `digests` has one line a row, "id:hash"; the audit chain keeps `sha256`, so a seal cannot be
    rewritten together with its rows. `columns` are those of then: a column added later is not
    covered by earlier seals.
    """

    kind = models.CharField("证据种类", max_length=32, db_index=True)
    columns = models.JSONField("封存的列")
    rows = models.PositiveIntegerField("行数")
    digests = models.TextField("逐行散列")
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField("封存时间")

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.kind} {self.rows} 行 {self.at:%Y-%m-%d %H:%M}"

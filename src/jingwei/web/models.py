"""What the pages themselves must remember: which forms were already sent."""

from django.db import models


class Submission(models.Model):
    """One form sent once. Its key is unique: the second copy of a double tap finds it taken."""

    key = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key


class IdempotentCall(models.Model):
    """One write that came over the interface with an Idempotency-Key, and what was answered.

    The same key from the same caller gets the same answer again; with another body it is refused.
    """

    caller = models.CharField(max_length=150)
    key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("caller", "key"), name="call_once"),)

    def __str__(self) -> str:
        return f"{self.caller} {self.key}"

"""What the pages themselves must remember: which forms were already sent."""

from django.db import models


class Submission(models.Model):
    """One form sent once. Its key is unique: the second copy of a double tap finds it taken."""

    key = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key

"""How often something was tried in an hour, by whom: what limits are counted by, in all processes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

# One statement: it waits for whoever counts the same, so no two see the same number.
COUNT = """
    INSERT INTO orders_tally AS tally (subject, since, count)
    SELECT subject, %(since)s, step FROM unnest(%(subjects)s::text[], %(steps)s::int[]) AS row (subject, step)
    ORDER BY subject
    ON CONFLICT (subject, since) DO UPDATE SET count = tally.count + excluded.count
    RETURNING subject, count
"""


class Tally(models.Model):
    """
    So many tries since the beginning of an hour.

    `subject` is a kind and a hash: nobody reads an address or a card out of the table.
    """

    subject = models.CharField(max_length=100)
    since = models.DateTimeField(_("since"), db_index=True)
    count = models.PositiveIntegerField(_("tries"))

    class Meta:
        verbose_name = _("count of tries")
        verbose_name_plural = _("counts of tries")
        constraints = [models.UniqueConstraint(fields=["subject", "since"], name="tally_once")]

    def __str__(self) -> str:
        return f"{self.subject[:20]}: {self.count}"

    @classmethod
    def count_up(cls, steps: Mapping[str, int], since: datetime) -> dict[str, int]:
        """Add so much to each subject of the hour that began at `since`; returns where they stand then."""
        given: dict[str, Any] = {
            "since": since,
            "subjects": list(steps),
            "steps": list(steps.values()),
        }
        with connection.cursor() as cursor:
            cursor.execute(COUNT, given)
            return dict(cursor.fetchall())

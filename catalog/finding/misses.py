"""
What shoppers searched for in vain, for staff to learn from.

Nothing tells who searched. What may name a person, an order or a parcel is not kept at all, and neither is what
nobody has searched for in a while.
"""

import re
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from catalog.models import SearchMiss
from catalog.models.searching import MAX_MISS

KEPT = 5000  # Texts at most, so that nobody fills the table by searching for nonsense.
ONCE_FOR, FOR = timedelta(days=30), timedelta(days=365)
# An e-mail address, an address of the web, or so many digits that they are the number of something or somebody.
PERSONAL = re.compile(r"@|://|www\.|\d(?:[\s./()+-]*\d){4,}")


def remember(text: str) -> None:
    """Count a search that found nothing, unless it may be personal; one question."""
    plain = " ".join(text.lower().split())
    if not 2 <= len(plain) <= MAX_MISS or PERSONAL.search(plain):
        return
    with connection.cursor() as cursor:
        cursor.execute(REMEMBER, {"text": plain, "now": timezone.now(), "kept": KEPT})


def prune() -> int:
    """Forget what was searched for once a month ago, or a year ago; return how many."""
    now = timezone.now()
    once = SearchMiss.objects.filter(count=1, last_at__lt=now - ONCE_FOR).delete()[0]
    return once + SearchMiss.objects.filter(last_at__lt=now - FOR).delete()[0]


REMEMBER = """
INSERT INTO catalog_searchmiss AS known (text, count, last_at)
SELECT %(text)s, 1, %(now)s
 WHERE (SELECT count(*) FROM (SELECT FROM catalog_searchmiss LIMIT %(kept)s) AS kept) < %(kept)s
    OR EXISTS (SELECT FROM catalog_searchmiss WHERE text = %(text)s)
ON CONFLICT (text) DO UPDATE SET count = known.count + 1, last_at = excluded.last_at
"""

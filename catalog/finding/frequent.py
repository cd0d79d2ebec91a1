"""
Words that very many products have, as sets of products.

An index on words brings each product it finds from the table, one after the other: fast for a hundred, slow for a
fiftieth of a large shop. The sets bring all at once. Which words have one is chosen when words are counted;
what is in them is kept with each product.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from catalog.facets.keeping import FACETS_LOCK, LOCKS
from catalog.facets.reading import BLOCK_BYTES
from catalog.models import CommonWord
from catalog.models.facet import BLOCK_SIZE

FEW = 1000  # What fewer products have is found by the index.
SHARE = 100  # Common is what one of so many has.
MOST = 400  # Words that may have a set.

type Blocks = dict[tuple[int, int], bytearray]  # Word, block → its bits.


@transaction.atomic
def keep_common_words(products: Sequence[int]) -> None:
    """
    Set the bits of these products in the sets of all common words.

    Takes the same locks of blocks as `catalog.facets.keeping`, which the caller may hold already.
    """
    if not CommonWord.objects.exists():
        return
    masks: dict[int, bytearray] = defaultdict(lambda: bytearray(BLOCK_BYTES))
    for product in products:
        block, offset = divmod(product, BLOCK_SIZE)
        masks[block][offset >> 3] |= 1 << (offset & 7)
    with connection.cursor() as cursor:
        cursor.execute(LOCKS, [FACETS_LOCK, sorted(masks)])
        cursor.execute(COMMON_IN, [list(products)])
        write(cursor, masks, as_blocks(cursor.fetchall()))


def choose_common_words() -> None:
    """Choose which words are common, by today's products, and fill the sets of those that were not."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(COUNT_LEXEMES, [FEW, SHARE, MOST])
        chosen = {lexeme for (lexeme,) in cursor.fetchall()}
    CommonWord.objects.exclude(lexeme__in=chosen).delete()
    known = set(CommonWord.objects.values_list("lexeme", flat=True))
    for lexeme in sorted(chosen - known):
        learn(lexeme)


@transaction.atomic
def learn(lexeme: str) -> None:
    """Make the set of a word, with all products that have it; none of them changes meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SELECT coalesce(max(id), 0) FROM catalog_product")
        last = cursor.fetchone()[0] // BLOCK_SIZE
        cursor.execute(LOCKS, [FACETS_LOCK, list(range(last + 1))])
        word = CommonWord.objects.create(lexeme=lexeme)
        cursor.execute(HAVING_ONE, [word.pk, lexeme])
        blocks = as_blocks(cursor.fetchall())
        full = b"\xff" * BLOCK_BYTES
        write(cursor, {block: bytearray(full) for _, block in blocks}, blocks)


def as_blocks(rows: Sequence[tuple[int, int]]) -> Blocks:
    """The blocks that say which products have which words."""
    blocks: Blocks = defaultdict(lambda: bytearray(BLOCK_BYTES))
    for word, product in rows:
        block, offset = divmod(product, BLOCK_SIZE)
        blocks[word, block][offset >> 3] |= 1 << (offset & 7)
    return blocks


def write(cursor: Any, masks: dict[int, bytearray], fresh: Blocks) -> None:
    cursor.execute(
        CHANGE_BLOCKS,
        {
            "masked": list(masks),
            "masks": ["x" + mask.hex() for mask in masks.values()],
            "words": [word for word, _ in fresh],
            "blocks": [block for _, block in fresh],
            "fresh": ["x" + bits.hex() for bits in fresh.values()],
        },
    )


COMMON_IN = """
SELECT word.id, product.id
  FROM catalog_product product
 CROSS JOIN unnest(tsvector_to_array(product.search)) AS had (lexeme)
  JOIN catalog_commonword word ON word.lexeme = had.lexeme
 WHERE product.id = ANY(%s) AND product.status = 'active'
"""

HAVING_ONE = """
SELECT %s::bigint, id FROM catalog_product
 WHERE search @@ ('''' || replace(replace(%s, '\\', '\\\\'), '''', '''''') || '''')::tsquery AND status = 'active'
"""

COUNT_LEXEMES = """
SELECT word FROM ts_stat('SELECT search FROM catalog_product WHERE status = ''active''')
 WHERE length(word) <= 60
   AND ndoc >= greatest(%s, (SELECT count(*) FROM catalog_product WHERE status = 'active') / %s)
 ORDER BY ndoc DESC LIMIT %s
"""

CHANGE_BLOCKS = """
WITH mask AS MATERIALIZED (
    SELECT block, hex::bit(8192) AS bits FROM unnest(%(masked)s::int[], %(masks)s::text[]) AS mask (block, hex)
),
fresh AS MATERIALIZED (
    SELECT word_id, block, hex::bit(8192) AS bits
      FROM unnest(%(words)s::bigint[], %(blocks)s::int[], %(fresh)s::text[]) AS fresh (word_id, block, hex)
),
changed AS (
    UPDATE catalog_commonwordblock AS old
       SET bits = (old.bits & ~known.mask) | known.bits
      FROM (SELECT have.word_id, have.block, mask.bits AS mask, coalesce(fresh.bits, 0::bit(8192)) AS bits
              FROM catalog_commonwordblock have
              JOIN mask USING (block)
              LEFT JOIN fresh USING (word_id, block)
             WHERE (have.bits & mask.bits) <> coalesce(fresh.bits, 0::bit(8192))) known
     WHERE old.word_id = known.word_id AND old.block = known.block
)
INSERT INTO catalog_commonwordblock (word_id, block, bits)
SELECT word_id, block, bits FROM fresh
ON CONFLICT (word_id, block) DO NOTHING
"""

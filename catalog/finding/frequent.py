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
from catalog.models import CommonWord, Product
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
    CommonWord.objects.bulk_create(
        [CommonWord(lexeme=lexeme) for lexeme in sorted(chosen)], ignore_conflicts=True
    )
    fill(list(CommonWord.objects.filter(is_whole=False).values_list("pk", flat=True)))


def fill(words: list[int]) -> None:
    """
    Fill the sets of words that have just been chosen, and then let searches use them.

    Block by block, so that products are held for moments. One that changes after its block was filled
    brings the word along by itself.
    """
    if not words:
        return
    last = Product.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for block in range(last // BLOCK_SIZE + 1):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(LOCKS, [FACETS_LOCK, [block]])
            cursor.execute(HAVING, [block * BLOCK_SIZE, (block + 1) * BLOCK_SIZE - 1, words])
            write(cursor, {}, as_blocks(cursor.fetchall()))
    CommonWord.objects.filter(pk__in=words).update(is_whole=True)


def as_blocks(rows: Sequence[tuple[int, int]]) -> Blocks:
    """The blocks that say which products have which words."""
    blocks: Blocks = defaultdict(lambda: bytearray(BLOCK_BYTES))
    for word, product in rows:
        block, offset = divmod(product, BLOCK_SIZE)
        blocks[word, block][offset >> 3] |= 1 << (offset & 7)
    return blocks


def write(cursor: Any, masks: dict[int, bytearray], fresh: Blocks) -> None:
    """Set the masked bits of all blocks that have any, and add blocks that were not there."""
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

HAVING = """
SELECT word.id, product.id
  FROM catalog_product product
 CROSS JOIN unnest(tsvector_to_array(product.search)) AS had (lexeme)
  JOIN catalog_commonword word ON word.lexeme = had.lexeme
 WHERE product.id BETWEEN %s AND %s AND product.status = 'active' AND word.id = ANY(%s)
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

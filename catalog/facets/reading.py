"""Bringing what is known of products from the database, as sets."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

from catalog.facets.bits import Products, Slices, together
from catalog.models.facet import BLOCK_SIZE

BLOCK_BYTES = BLOCK_SIZE // 8


class Place(NamedTuple):
    """Which column: a kind, and the key of the category, attribute or option, if it is of one."""

    kind: int
    owner: int = 0


@dataclass
class Known:
    """
    What was read: for each column the slices of each layer. A column of which nothing is known has no layers.

    `waiting` are the products that are ready and whose day has not come: the clock alone brings
    them, so no bit tells it.
    """

    columns: dict[Place, list[Slices]] = field(default_factory=dict)
    waiting: Products = 0

    def layers(self, place: Place) -> list[Slices]:
        return self.columns.get(place, [])

    def members(self, place: Place) -> Products:
        """The products that a column of ones is true of."""
        layers = self.layers(place)
        return layers[0][0] if layers else 0


def read(places: Iterable[Place]) -> Known:
    """Read these columns, in one question."""
    wanted = sorted(set(places))
    known = Known()
    kinds, owners = [each.kind for each in wanted], [each.owner for each in wanted]
    with connection.cursor() as cursor:
        # As text, bits come at twice their size.
        question = cursor.mogrify(
            f"COPY ({BLOCKS}) TO STDOUT (FORMAT BINARY)", [kinds, owners, timezone.now()]
        )
        with cursor.copy(question) as answer:
            answer.set_types(COLUMNS)
            rows = list(answer.rows())
        for kind, owner, layer, place, blocks, bits in rows:
            if kind is None:
                known.waiting = together(blocks)
                continue
            layers = known.columns.setdefault(Place(kind, owner), [])
            while len(layers) <= layer:
                layers.append([])
            slices = layers[layer]
            slices += [0] * (place - len(slices))
            slices.append(joined(blocks, bits))
    return known


def joined(blocks: Sequence[int], bits: bytes) -> Products:
    """One set from blocks of it, which have these places, in rising order."""
    if blocks[-1] != len(blocks) - 1:
        whole = bytearray((blocks[-1] + 1) * BLOCK_BYTES)
        for at, block in enumerate(blocks):
            part = bits[at * BLOCK_BYTES : (at + 1) * BLOCK_BYTES]
            whole[block * BLOCK_BYTES : (block + 1) * BLOCK_BYTES] = part
        bits = bytes(whole)
    return int.from_bytes(bits, "little")


class Value(NamedTuple):
    """What a code stands for. `position` is where staff put it among the values of its option."""

    code: int
    slug: str
    label: str
    swatch: str = ""
    position: int = 0


def values_of(codes: Mapping[Place, Iterable[int]]) -> dict[Place, list[Value]]:
    """What these codes stand for; columns whose codes stand for themselves are left out."""
    asked = [[place.kind, place.owner, as_array(each)] for place, each in codes.items()]
    found: dict[Place, list[Value]] = {}
    if not asked:
        return found
    with connection.cursor() as cursor:
        cursor.execute(VALUES, [list(column) for column in zip(*asked, strict=True)])
        for kind, owner, *value in cursor.fetchall():
            found.setdefault(Place(kind, owner), []).append(Value(*value))
    return found


def as_array(codes: Iterable[int]) -> str:
    """Numbers as PostgreSQL spells an array of them: one parameter is cheaper than hundreds."""
    return f"{{{','.join(map(str, codes))}}}"


def values_called(places: Sequence[Place], slugs: Iterable[str]) -> dict[Place, list[Value]]:
    """The values of these columns that addresses spell so."""
    found: dict[Place, list[Value]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            CALLED, [[each.kind for each in places], [each.owner for each in places], list(slugs)]
        )
        for kind, owner, *value in cursor.fetchall():
            found.setdefault(Place(kind, owner), []).append(Value(*value))
    return found


COLUMNS = ["int4", "int8", "int2", "int2", "int4[]", "bytea"]

# bit_send() has four bytes of length before the bits.
BLOCKS = """
SELECT facet.kind, facet.owner, block.layer, block.place,
       array_agg(block.block ORDER BY block.block),
       string_agg(substr(bit_send(block.bits), 5), '' ORDER BY block.block)
  FROM catalog_facetcolumn facet_column
  JOIN unnest(%s::int[], %s::bigint[]) AS facet (kind, owner)
    ON facet.kind = facet_column.kind AND facet.owner = facet_column.owner
  JOIN catalog_facetblock block ON block.column_id = facet_column.id
 GROUP BY facet.kind, facet.owner, block.layer, block.place
UNION ALL
SELECT NULL, NULL, NULL, NULL, array_agg(id::int), NULL
  FROM catalog_product WHERE status = 'active' AND publish_at > %s HAVING count(*) > 0
 ORDER BY 1, 2, 3, 4
"""

VALUES = """
SELECT facet.kind, facet.owner, value.code, value.slug, value.label,
       coalesce(option_value.swatch, ''), coalesce(option_value.position, 0)
  FROM catalog_facetcolumn facet_column
  JOIN unnest(%s::int[], %s::bigint[], %s::text[]) AS facet (kind, owner, codes)
    ON facet.kind = facet_column.kind AND facet.owner = facet_column.owner
  JOIN catalog_facetvalue value
    ON value.column_id = facet_column.id AND value.code = ANY (facet.codes::bigint[])
  LEFT JOIN catalog_optionvalue option_value ON facet.kind = 14 AND option_value.id = value.ref
"""

CALLED = """
SELECT facet.kind, facet.owner, value.code, value.slug, value.label,
       coalesce(option_value.swatch, ''), coalesce(option_value.position, 0)
  FROM catalog_facetvalue value
  JOIN catalog_facetcolumn facet_column ON facet_column.id = value.column_id
  JOIN unnest(%s::int[], %s::bigint[]) AS facet (kind, owner)
    ON facet.kind = facet_column.kind AND facet.owner = facet_column.owner
  LEFT JOIN catalog_optionvalue option_value ON facet.kind = 14 AND option_value.id = value.ref
 WHERE value.slug = ANY(%s)
 ORDER BY value.label, value.id
"""

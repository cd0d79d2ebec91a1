"""
Sets of products as whole numbers: bit n is the product with the key n.

So `&`, `|`, `^` and `bit_count()` are the algebra of sets. What is known of products is a code for each, in
slices: the n-th slice is the set of products whose code has its n-th bit. “Whose code is 13”, “is at most
4999”, “how many of each” are then a few ANDs for each bit, without looking at a single product.
(O'Neil and Quass, Improved Query Performance with Variant Indexes, 1997.)
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import or_

type Products = int
type Slices = list[Products]  # From the lowest bit of the code.
type Layers = list[
    Products
]  # Of variants: the k-th number has the products whose k-th variant is meant.


def together(keys: Iterable[int]) -> Products:
    """The set of these products."""
    keys = list(keys)
    whole = bytearray(max(keys, default=0) // 8 + 1)
    for key in keys:
        whole[key >> 3] |= 1 << (key & 7)
    return int.from_bytes(whole, "little")


def keys_of(products: Products) -> list[int]:
    """The products of a set, by their keys in rising order."""
    return [
        8 * at + bit for at, byte in enumerate(as_bytes(products)) if byte for bit in BITS_OF[byte]
    ]


def as_bytes(products: Products) -> bytes:
    return products.to_bytes((products.bit_length() + 7) // 8, "little")


def has(whole: bytes, key: int) -> bool:
    """Tell whether a set, as bytes, has a product."""
    return key >> 3 < len(whole) and bool(whole[key >> 3] >> (key & 7) & 1)


def union(sets: Iterable[Products]) -> Products:
    return reduce(or_, sets, 0)


def both(some: Layers, others: Layers) -> Layers:
    return [one & other for one, other in zip(some, others, strict=False)]


def having(slices: Slices, within: Products, codes: Iterable[int]) -> Products:
    """Of a set the products with any of these codes, none of which is 0."""
    return union(_having(slices, within, code) for code in codes)


def _having(slices: Slices, within: Products, code: int) -> Products:
    if code.bit_length() > len(slices):
        return 0
    for place in range(len(slices) - 1, -1, -1):
        ones = within & slices[place]
        within = ones if code >> place & 1 else within ^ ones
    return within


def by_code(slices: Slices, within: Products) -> Iterator[tuple[int, Products]]:
    """The products of a set by their codes; those that have none are left out."""
    waiting = [(within, 0, len(slices))]
    while waiting:
        products, code, place = waiting.pop()
        if not place:
            if code:
                yield code, products
            continue
        place -= 1
        ones = products & slices[place]
        if ones:
            waiting.append((ones, code | 1 << place, place))
        if zeros := products ^ ones:
            waiting.append((zeros, code, place))


def at_most(slices: Slices, within: Products, code: int) -> Products:
    """Of a set the products whose code is no greater than `code`; those that have none too."""
    less = 0
    for place in range(max(len(slices), code.bit_length()) - 1, -1, -1):
        ones = within & slices[place] if place < len(slices) else 0
        if code >> place & 1:
            less |= within ^ ones
            within = ones
        else:
            within ^= ones
    return less | within


def at_rank(layers: Sequence[Slices], within: Layers, rank: int) -> tuple[Products, Products]:
    """
    The products whose lowest code is lower than that of the one at `rank` (from 0), and those that are level with it.

    Of variants: the lowest code of the variants that are in `within`. `rank` is less than the number of products.
    """
    lower, level = 0, list(within)
    for place in range(max(map(len, layers), default=0) - 1, -1, -1):
        ones = [
            each & slices[place] if place < len(slices) else 0
            for each, slices in zip(level, layers, strict=False)
        ]
        zeros = [each ^ one for each, one in zip(level, ones, strict=False)]
        found = union(zeros) | lower
        if found.bit_count() > rank:
            level = zeros
        else:
            lower, level = found, ones
    return lower, union(level) & ~lower


def lowest_codes(
    layers: Sequence[Slices], within: Layers, products: Sequence[int]
) -> dict[int, int]:
    """The lowest code that each of these products has in any layer in which it is in `within`."""
    found: dict[int, int] = {}
    for slices, each in zip(layers, within, strict=False):
        members = as_bytes(each)
        parts = [as_bytes(part) for part in slices]
        for key in products:
            if has(members, key):
                code = sum(1 << place for place, part in enumerate(parts) if has(part, key))
                found[key] = min(code, found.get(key, code))
    return found


BITS_OF = [[bit for bit in range(8) if byte >> bit & 1] for byte in range(256)]

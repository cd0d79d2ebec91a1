"""
Reading what somebody typed into the search field.

All of the words must be there, in any order; “or” parts alternatives; words in quotes stand together; a minus
right before a word or a phrase leaves out what has it. The last word may be the beginning of one.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

CONFIG = "'shop_english'"
MAX_LENGTH = 200
MAX_WORDS = 12
LONGEST_GRAM = 3  # Words of a phrase that may have synonyms.

TOKEN = re.compile(r'(-?)"([^"]*)"?|(\S+)')
LEFT_OUT = re.compile(r"-(?=[^\W_])")
UNITS = "inches|inch|cm|mm|ml|cl|dl|kg|mg|oz|lb|lbs|ft|g|l|m|w|v|k"
INCHES = re.compile(r"(\d)(?:\"|″|''|in\b)")
MEASURE = re.compile(rf"(\d)({UNITS})\b", re.IGNORECASE)
# The same for the texts of products, so that both spell a measure alike. %% as in a query with values.
SPELL_MEASURES = (
    "regexp_replace(regexp_replace({}, '(\\d)\\s?(\"|″|”|''''|in\\y)', '\\1 inch ', 'g'), "
    f"'(\\d)({UNITS})\\y', '\\1 \\2', 'gi')"
)

type Sql = tuple[str, list[Any]]


@dataclass(frozen=True)
class Term:
    """A word or a phrase that things must have, or must not. `others` mean the same."""

    words: str
    is_phrase: bool = False
    is_left_out: bool = False
    is_start: bool = False
    others: tuple[str, ...] = ()

    @property
    def sql(self) -> Sql:
        parser = "phraseto_tsquery" if self.is_phrase else "plainto_tsquery"
        parts = [(f"{parser}({CONFIG}, %s)", self.words)]
        if self.is_start:
            parts.append((f"to_tsquery({CONFIG}, %s)", f"'{self.words}':*"))
        parts += [(f"phraseto_tsquery({CONFIG}, %s)", other) for other in self.others]
        joined = " || ".join(sql for sql, _ in parts)
        return f"{'!!' if self.is_left_out else ''}({joined})", [value for _, value in parts]


@dataclass(frozen=True)
class Wish:
    """What a text asks for: alternatives, each of terms that must all hold."""

    alternatives: tuple[tuple[Term, ...], ...]

    @property
    def is_empty(self) -> bool:
        return not self.alternatives

    @property
    def sql(self) -> Sql:
        """An expression of tsquery, and its values."""
        if self.is_empty:
            return "''::tsquery", []
        groups = [[term.sql for term in terms] for terms in self.alternatives]
        joined = " || ".join(f"({' && '.join(sql for sql, _ in terms)})" for terms in groups)
        return joined, [value for terms in groups for _, values in terms for value in values]

    @property
    def words(self) -> list[str]:
        """The words that are to be found, each once, in their order."""
        terms = [term for terms in self.alternatives for term in terms if not term.is_left_out]
        found = (word for term in terms for word in re.findall(r"\w+", term.words))
        return list(dict.fromkeys(found))[:MAX_WORDS]

    def any_of_them(self) -> "Wish":
        return Wish(tuple((Term(word),) for word in self.words))


def clean_text(typed: str) -> str:
    return " ".join(typed.split())[:MAX_LENGTH].strip()


def grams(text: str) -> list[str]:
    """The words of a text and what stands side by side, the longest first: what may have synonyms."""
    words = [term.words for terms in read(text).alternatives for term in terms if is_plain(term)]
    return [
        " ".join(words[at : at + length])
        for length in range(LONGEST_GRAM, 0, -1)
        for at in range(len(words) - length + 1)
    ]


def is_plain(term: Term) -> bool:
    return not term.is_phrase and not term.is_left_out


def read(text: str, synonyms: Mapping[str, Sequence[str]] | None = None) -> Wish:
    """What a text asks for; `synonyms` has what means the same as some of its `grams`."""
    alternatives: list[list[Term]] = [[]]
    for term in terms_of(text):
        if term.words.lower() == "or" and is_plain(term):
            alternatives.append([])
        else:
            alternatives[-1].append(term)
    last = alternatives[-1][-1] if alternatives[-1] else None
    if last and is_plain(last) and last.words.isalnum() and text.endswith(last.words):
        alternatives[-1][-1] = replace(last, is_start=True)
    # One that only leaves out asks for all the rest of the shop, which is a list, not a search.
    asked = [terms for terms in alternatives if any(not term.is_left_out for term in terms)]
    return Wish(tuple(tuple(with_synonyms(terms, synonyms or {})) for terms in asked))


def terms_of(text: str) -> Iterable[Term]:
    number = 0
    for minus, phrase, word in TOKEN.findall(text.replace("“", '"').replace("”", '"')):
        if number == MAX_WORDS:
            return
        is_left_out = bool(minus) or bool(LEFT_OUT.match(word))
        words = phrase or spelled(word.lstrip("-"))
        if re.search(r"[^\W_]", words):
            number += 1
            yield Term(words, is_phrase=bool(phrase) or " " in words, is_left_out=is_left_out)


def spelled(word: str) -> str:
    """A measure as the index spells it: 13" and 13in are 13 inch, 500ml is 500 ml."""
    return MEASURE.sub(r"\1 \2", INCHES.sub(r"\1 inch ", word)).strip()


def with_synonyms(terms: Sequence[Term], synonyms: Mapping[str, Sequence[str]]) -> Iterable[Term]:
    """The terms, with what means the same; a phrase of several that has synonyms becomes one."""
    at = 0
    while at < len(terms):
        for length in range(LONGEST_GRAM, 0, -1):
            group = terms[at : at + length]
            gram = " ".join(term.words for term in group)
            if len(group) == length and gram in synonyms and all(map(is_plain, group)):
                is_start = length == 1 and group[0].is_start
                yield Term(gram, is_start=is_start, others=tuple(synonyms[gram]))
                break
        else:
            length = 1
            yield terms[at]
        at += length

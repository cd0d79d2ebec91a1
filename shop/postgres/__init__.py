"""
The embedded PostgreSQL: a database engine for machines that have none.

Settings name it `ENGINE = "shop.postgres"`. docs/decisions/0001 says why it is here, and what
the wheel's own Python API cannot do.
"""

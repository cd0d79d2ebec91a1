"""
What the shop holds of a person: handed out when they ask for it, and forgotten when they ask for that.

Every app says in its `privacy.py` what it holds, as classes that are registered here.
"""

from accounts.privacy.registry import Holding, Person, holding, holdings, record

__all__ = ["Holding", "Person", "holding", "holdings", "record"]

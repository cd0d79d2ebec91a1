"""Races for `manage.py race`: real processes that buy throw-away goods at the same moment."""

"""Invoices and credit notes: what they hold, how their sums come about, and when they are written."""

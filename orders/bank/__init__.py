"""Money on the bank account: statements are read, matched with orders, and booked."""

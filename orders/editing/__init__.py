"""What staff change of an order that was placed: its lines, its addresses, and what it costs then."""

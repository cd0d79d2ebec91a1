"""What is printed: invoices, packing slips, pick lists."""

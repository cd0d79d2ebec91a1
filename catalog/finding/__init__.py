"""Finding products by words: what a text asks for, what answers to it, and what to offer while it is typed."""

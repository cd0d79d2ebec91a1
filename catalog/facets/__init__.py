"""
Choosing among many products by what they have, and counting what each choice would leave.

What products have is kept as bits (`catalog.models.facet`). A set of products is one long number, so that
“blue, of oak, under 40” is a few ANDs whatever the size of the shop, and every count is exact. `bits` is the
algebra of such sets and of codes, `keeping` writes them, `reading` brings them, `choosing` understands an
address and narrows, `counting` counts, `showing` says it in words, `ordering` finds the products of one page.
"""

from django.db import migrations

# The rules, whenever they are in force, that name a variant, its product, a collection with it or a category
# above it. Functions, because querysets that say the same take longer to write than to run.
RULES_OVER = """
CREATE FUNCTION catalog_rules_over(the_variant bigint, the_product bigint)
RETURNS SETOF bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT id FROM catalog_pricerule WHERE covers_all
    UNION
    SELECT pricerule_id FROM catalog_pricerule_products WHERE product_id = the_product
    UNION
    SELECT pricerule_id FROM catalog_pricerule_variants WHERE variant_id = the_variant
    UNION
    SELECT named.pricerule_id
      FROM catalog_collectionitem item
      JOIN catalog_pricerule_collections named ON named.collection_id = item.collection_id
     WHERE item.product_id = the_product
    UNION
    SELECT named.pricerule_id
      FROM (SELECT category_id FROM catalog_product WHERE id = the_product
            UNION
            SELECT category_id FROM catalog_product_categories WHERE product_id = the_product) placed
      JOIN catalog_category shelf ON shelf.id = placed.category_id
      JOIN catalog_category above
        ON above.tree_id = shelf.tree_id AND shelf.lft BETWEEN above.lft AND above.rght
      JOIN catalog_pricerule_categories named ON named.category_id = above.id
$$;
"""

# The least that any of them, in force at the moment, leaves of a list price; not below the least price,
# rounded half-up to two decimals.
EFFECTIVE_PRICE = """
CREATE FUNCTION catalog_effective_price(
    the_variant bigint, the_product bigint, list_price numeric, least_price numeric, moment timestamptz
) RETURNS numeric LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    reduced numeric;
BEGIN
    SELECT min(CASE WHEN rule.percent IS NULL THEN list_price - rule.amount
                    ELSE list_price * (100 - rule.percent) / 100 END)
      INTO reduced
      FROM catalog_pricerule rule
     WHERE rule.is_active
       AND (rule.starts_at IS NULL OR rule.starts_at <= moment)
       AND (rule.ends_at IS NULL OR rule.ends_at > moment)
       AND rule.id IN (SELECT catalog_rules_over(the_variant, the_product));
    RETURN round(greatest(coalesce(reduced, list_price),
                          least(list_price, coalesce(least_price, 0))), 2);
END $$;
"""

DROP = """
DROP FUNCTION catalog_effective_price(bigint, bigint, numeric, numeric, timestamptz);
DROP FUNCTION catalog_rules_over(bigint, bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0015_most_for_one_customer")]

    operations = [migrations.RunSQL(RULES_OVER + EFFECTIVE_PRICE, DROP)]

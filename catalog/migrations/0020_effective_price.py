from django.db import migrations

# The least that any price rule in force leaves of a list price, not below the least price, rounded half-up
# to two decimals. A function, because a queryset that says the same takes longer to write than to run.
CREATE = """
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
       AND (rule.covers_all
            OR EXISTS (SELECT FROM catalog_pricerule_products named
                        WHERE named.pricerule_id = rule.id AND named.product_id = the_product)
            OR EXISTS (SELECT FROM catalog_pricerule_variants named
                        WHERE named.pricerule_id = rule.id AND named.variant_id = the_variant)
            OR EXISTS (SELECT FROM catalog_pricerule_collections named
                         JOIN catalog_collectionitem item USING (collection_id)
                        WHERE named.pricerule_id = rule.id AND item.product_id = the_product)
            OR EXISTS (SELECT FROM catalog_pricerule_categories named
                         JOIN catalog_category above ON above.id = named.category_id
                         JOIN catalog_category shelf
                           ON shelf.tree_id = above.tree_id
                          AND shelf.lft BETWEEN above.lft AND above.rght
                        WHERE named.pricerule_id = rule.id
                          AND shelf.id IN (SELECT category_id FROM catalog_product
                                            WHERE id = the_product
                                           UNION ALL
                                           SELECT category_id FROM catalog_product_categories
                                            WHERE product_id = the_product)));
    RETURN round(greatest(coalesce(reduced, list_price),
                          least(list_price, coalesce(least_price, 0))), 2);
END $$;
"""

DROP = "DROP FUNCTION catalog_effective_price(bigint, bigint, numeric, numeric, timestamptz)"


class Migration(migrations.Migration):
    dependencies = [("catalog", "0015_most_for_one_customer")]

    operations = [migrations.RunSQL(CREATE, DROP)]

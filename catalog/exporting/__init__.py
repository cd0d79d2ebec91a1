"""Products into files: Mercer's own format, which holds all that an import can set, and Shopify's."""

from catalog.exporting.running import FORMATS, Export, export_products

__all__ = ["FORMATS", "Export", "export_products"]

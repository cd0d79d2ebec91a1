"""Products from files: Shopify's CSV, WooCommerce's, and Mercer's own (docs/importing.md)."""

from catalog.importing.batches import AppliedBefore, apply_batch, check_file, import_file
from catalog.importing.columns import FORMATS
from catalog.importing.report import Report
from catalog.importing.reverting import CannotRevert, Reverted, revert_batch
from catalog.importing.running import AnotherImportRuns, Wishes

__all__ = [
    "FORMATS",
    "AnotherImportRuns",
    "AppliedBefore",
    "CannotRevert",
    "Report",
    "Reverted",
    "Wishes",
    "apply_batch",
    "check_file",
    "import_file",
    "revert_batch",
]

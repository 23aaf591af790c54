"""Is this data fit for use: checks with Chinese explanations, and a report of them."""

from kongchuo_risk.validation.findings import Finding, Severity
from kongchuo_risk.validation.quality import CHECKS, check_quality, require_ready
from kongchuo_risk.validation.report import render_report, write_report

__all__ = [
    "CHECKS",
    "Finding",
    "Severity",
    "check_quality",
    "render_report",
    "require_ready",
    "write_report",
]

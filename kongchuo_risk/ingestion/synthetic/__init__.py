"""Synthetic counties with a hidden truth, written as real schools would write their data."""

from kongchuo_risk.ingestion.synthetic.county import County, build_county
from kongchuo_risk.ingestion.synthetic.writing import SyntheticSummary, write_synthetic

__all__ = ["County", "SyntheticSummary", "build_county", "write_synthetic"]

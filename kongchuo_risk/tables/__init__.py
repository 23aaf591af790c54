"""The workspace's tables: Parquet batches, one manifest, pseudonyms and seals."""

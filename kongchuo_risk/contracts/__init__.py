"""What the data and the rules are: ``data_schema/`` read into frozen objects."""

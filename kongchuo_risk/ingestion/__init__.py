"""Sources into contract tables: exports of schools, other layouts, synthetic counties."""

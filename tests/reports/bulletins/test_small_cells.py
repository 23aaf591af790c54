from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from kongchuo_risk.reports.bulletins.small_cells import Counts, hidden_cells


def table(values, *, minimum=5):
    """Rows by columns with row and column totals, all of them printed."""
    rows, columns = range(len(values)), range(len(values[0]))
    cells = {(row, column): values[row][column] for row in rows for column in columns}
    for row in rows:
        cells[row, "all"] = sum(values[row])
    for column in (*columns, "all"):
        cells["all", column] = sum(cells[row, column] for row in rows)
    equations = [
        *({(row, column): 1 for column in columns} | {(row, "all"): -1} for row in (*rows, "all")),
        *(
            {(row, column): 1 for row in rows} | {("all", column): -1}
            for column in (*columns, "all")
        ),
    ]
    return Counts(cells, tuple(equations), {}, lambda cell: True, minimum)


def test_nothing_is_hidden_of_large_counts_and_zeros():
    assert hidden_cells(table([[0, 7], [12, 9]])) == frozenset()


def test_a_small_count_takes_the_next_smallest_of_its_row_and_column_with_it():
    hidden = hidden_cells(table([[2, 30, 8], [20, 9, 40], [11, 50, 60]]))
    assert hidden == {(0, 0), (0, 2), (2, 0), (2, 2)}


def test_a_row_of_ones_hides_its_total_too():
    column = dict.fromkeys(range(5), 1) | {"all": 5}
    total = dict.fromkeys(range(5), 1) | {"all": -1}
    counts = Counts(column, (total,), {}, lambda cell: True, 5)
    assert hidden_cells(counts) == set(column)


def test_the_rest_of_a_rate_is_as_small_a_count_as_the_rate():
    counts = Counts(
        {"n": 98, "N": 100}, ({"n": 1, "rest": 1, "N": -1},), {"rest": 2}, lambda cell: True, 5
    )
    assert hidden_cells(counts) == {"n"}


def test_what_is_not_about_pupils_is_printed_however_small():
    counts = Counts({"a": 1, "b": 2}, (), {}, lambda cell: cell == "a", 5)
    assert hidden_cells(counts) == {"a"}


tables = st.integers(2, 3).flatmap(
    lambda columns: st.lists(
        st.lists(st.integers(0, 9), min_size=columns, max_size=columns), min_size=2, max_size=3
    )
)


@settings(max_examples=15, deadline=None)
@given(tables)
def test_every_small_count_is_hidden_and_zeros_are_printed(values):
    counts = table(values)
    hidden = hidden_cells(counts)
    assert counts.small <= hidden
    assert all(counts.values[cell] != 0 for cell in hidden)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 7), min_size=2, max_size=4))
def test_whoever_tries_all_numbers_finds_none_of_the_small_counts(column):
    """Of all columns that agree with what is printed, each small count takes 1, 2, 3 and 4."""
    total = dict.fromkeys(range(len(column)), 1) | {"all": -1}
    values = dict(enumerate(column)) | {"all": sum(column)}
    hidden = hidden_cells(Counts(values, (total,), {}, lambda cell: True, 5))
    choices = [range(1, 15) if n in hidden else [value] for n, value in enumerate(column)]
    agreeing = [
        guess for guess in product(*choices) if "all" in hidden or sum(guess) == values["all"]
    ]
    for number, value in enumerate(column):
        if 0 < value < 5:
            assert {1, 2, 3, 4} <= {guess[number] for guess in agreeing}

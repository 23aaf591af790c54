from __future__ import annotations

import subprocess
import sys

from kongchuo_risk.registers import synthetic_registers
from kongchuo_risk.registers.preparing import prepared
from kongchuo_risk.registers.scoring import scored


def test_the_linkage_library_is_loaded_only_for_a_comparison() -> None:
    heavy = "{'splink', 'duckdb', 'sqlglot', 'pypinyin'}"
    code = f"import sys, kongchuo_risk.registers; print({heavy} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "set()"


def test_the_same_registers_give_the_same_scores() -> None:
    registers = synthetic_registers(150, seed=11)
    rows = prepared(registers.left), prepared(registers.right)
    first, second = (scored(*rows, at_least=0.1, seed=5) for _ in range(2))
    assert first.equals(second)


def test_the_same_seed_gives_the_same_registers() -> None:
    one, other = (synthetic_registers(150, seed=11) for _ in range(2))
    assert one.left.equals(other.left)
    assert one.right.equals(other.right)

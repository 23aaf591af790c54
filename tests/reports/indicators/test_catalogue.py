import csv

import pytest
import yaml

from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.errors import ContractError
from kongchuo_risk.reports.indicators.catalogue import load_indicators

CATALOGUE = load_indicators()


def rules():
    with (data_schema() / "rules.csv").open(encoding="utf-8-sig") as file:
        return {row["no"]: row["quote"] for row in csv.DictReader(file)}


def test_formulas_begin_with_what_they_define_and_name_both_parts():
    for indicator in CATALOGUE.indicators:
        assert "=" in indicator.formula
        assert "÷" in indicator.formula or "算法相同" in indicator.formula


def test_every_rule_named_as_a_source_exists():
    sources = {source for each in CATALOGUE.indicators for source in each.source}
    assert {source for source in sources if source.isdigit()} <= set(rules())


def test_rates_of_the_goal_never_stand_without_the_work_done():
    goals = ("入学率", "巩固率", "学年辍学率", "流失率", "复学率", "留住率")
    assert all(CATALOGUE.by_id[name].effort for name in goals)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"effort": ["跑步"]}, "不认识的工作情况：跑步"),
        ({"id": "走访"}, "重复的编号：走访"),
        ({"level": "村"}, "level"),
    ],
)
def test_mistakes_in_the_file_are_named(change, said, tmp_path):
    content = yaml.safe_load((data_schema() / "indicators.yaml").read_text(encoding="utf-8"))
    content["indicators"][0] |= change
    (tmp_path / "indicators.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(ContractError, match=said):
        load_indicators(tmp_path)

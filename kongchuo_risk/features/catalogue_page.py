"""The catalogue as a page to read: ``docs/features.md``."""

from __future__ import annotations

from itertools import groupby

from kongchuo_risk.contracts.features import Feature, FeatureCatalogue

_HEAD = """\
# 特征目录

本页由 `data_schema/features.yaml` 生成（`python -m kongchuo_risk.features.catalogue_page`），\
请改目录而不是改本页。共 {count} 项。

- 每一项都只用当天及以前已经登记的记录（登记日期不晚于当天；更正从其登记日期起生效）。
- “上课日”是该生所在学校实际上课的日子；全校五分之一以上（至少 10 人）缺勤的日子不计为任何人的缺勤。
- 没有点名表的半天是“不知道”，不是“到校”。
- 方向：＋ 表示越大越与风险有关，－ 表示越小越与风险有关，空表示不设方向。
- 性别、民族、户口、村、涉案只用于公平性审计；心理筛查默认不进入模型。
"""
_DIRECTION = {1: "＋", -1: "－", 0: ""}


def catalogue_page(catalogue: FeatureCatalogue) -> str:
    """Markdown of the catalogue: a table per reason group."""
    parts = [_HEAD.format(count=len(catalogue.features))]
    order = {group: place for place, group in enumerate(dict.fromkeys(_groups(catalogue)))}
    ordered = sorted(catalogue.features, key=lambda feature: order[feature.group])
    for group, members in groupby(ordered, key=lambda feature: feature.group):
        parts.append(f"\n## {group}\n\n| 编号 | 名称 | 定义 | 单位 | 方向 | 可行动 | 依据 |\n")
        parts.append("|---|---|---|---|---|---|---|\n")
        parts += [_row(feature) for feature in members]
    return "".join(parts)


def _groups(catalogue: FeatureCatalogue) -> list[str]:
    return [feature.group for feature in catalogue.features]


def _row(feature: Feature) -> str:
    actionable = "是" if feature.actionable else ""
    cells = (
        f"`{feature.id}`", feature.label, feature.definition, feature.unit,
        _DIRECTION[feature.direction], actionable, "；".join(feature.source),
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |\n"


if __name__ == "__main__":
    from pathlib import Path

    from kongchuo_risk.contracts.features import load_features

    Path("docs/features.md").write_text(catalogue_page(load_features()), encoding="utf-8")

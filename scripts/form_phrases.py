"""Wordings that several forms share: how a measure, its owner and a signature stand in a table."""

from __future__ import annotations

TICKS = "{% for 步 in 项.清单 %}☐{{ 步 }}　{% endfor %}"
STEPS = ("{%p for 步 in 项.清单 %}", "☐ {{ 步 }}", "{%p endfor %}")
HOW = "{{ 项.做法 }}{% if 项.注意 %}（注意：{{ 项.注意 }}）{% endif %}"
OWNER = ("{{ 项.责任人 }}", "{{ 项.岗位 }}{% if 项.协助 %}；协助：{{ 项.协助 }}{% endif %}")
SIGNED = "年　　月　　日"
NOT_A_CAUSE = "以上情况与预测有关，不等于原因；要听孩子和家长自己怎么说。"

"""What a page says when something was done, or cannot be done yet."""

from __future__ import annotations

import streamlit as st

from kongchuo_risk.app.components.text import plain
from kongchuo_risk.app.state import Key
from kongchuo_risk.errors import KongchuoError, NotReadyError, WorkspaceError

_NEXT_STEPS: tuple[tuple[type[KongchuoError], str, str], ...] = (
    (
        WorkspaceError,
        "还没有工作区",
        "kongchuo demo 演示区        # 用合成数据先看一遍\n"
        "kongchuo init 工作区        # 或新建空的工作区",
    ),
    (
        NotReadyError,
        "还没有名单",
        "kongchuo import 导出文件夹   # 导入学校的表格\n"
        "kongchuo train              # 训练并检验模型\n"
        "kongchuo score              # 生成包保名单\n"
        "kongchuo plan               # 拟定措施，安排包保教师",
    ),
)


def show_problem(error: KongchuoError) -> None:
    """An error in the user's words, with the commands that lead on."""
    title, commands = next(
        ((title, commands) for kind, title, commands in _NEXT_STEPS if isinstance(error, kind)),
        ("现在打不开这一页", ""),
    )
    st.subheader(title, anchor=False)
    st.info(plain(error), icon=":material/info:")
    if commands:
        st.markdown("在命令行中运行：")
        st.code(commands, language=None)


def show_bug() -> None:
    """Words for an error that is nobody's fault but ours."""
    st.error(
        "程序出错，这一页没有显示完整。数据没有改动；请把启动窗口中的错误信息交给管理员。",
        icon=":material/error:",
    )


def leave_notice(text: str) -> None:
    """Remember a sentence for the next run of the script."""
    st.session_state[Key.NOTICE] = text


def show_notice() -> None:
    """Say once what was left by :func:`leave_notice`."""
    if text := st.session_state.pop(Key.NOTICE, None):
        st.toast(plain(text), icon=":material/check:")

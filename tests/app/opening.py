"""Open one page over given services, and read it."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def _page(name: str, services: object) -> None:
    # AppTest runs a copy of this source, so everything is imported inside.
    import importlib

    from kongchuo_risk.app.navigation import render_guarded

    module = importlib.import_module(f"kongchuo_risk.app.pages.{name}")
    render_guarded(module.render, lambda: services)


def start_page(name: str, services: object, **query: str) -> AppTest:
    """The page after its first run, whatever came of it."""
    app = AppTest.from_function(_page, args=(name, services), default_timeout=60)
    for key, value in query.items():
        app.query_params[key] = value
    return app.run()


def open_page(name: str, services: object, **query: str) -> AppTest:
    """The page, rendered without a fault."""
    app = start_page(name, services, **query)
    assert not app.exception
    assert not app.error
    return app


def words(app: AppTest) -> str:
    """Everything that is written on the page, without Markdown's escapes."""
    elements = (
        app.title, app.subheader, app.markdown, app.caption, app.info, app.warning, app.code,
        app.page_link, app.table,
    )  # fmt: skip
    texts = [str(element.value) for kind in elements for element in kind]
    return "\n".join(texts).replace("\\", "")


def links(app: AppTest) -> list[str]:
    """Query strings of the links to pupils, in order."""
    return [link.proto.query_string for link in app.page_link if link.proto.query_string]

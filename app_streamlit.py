"""The app: the workspace's services behind a navigation of pages."""

from kongchuo_risk.app.navigation import show_app
from kongchuo_risk.app.state import open_services

show_app(open_services)
